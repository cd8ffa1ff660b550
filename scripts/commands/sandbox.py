"""blueprint sandbox"""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def command() -> None:
    """The local Google Cloud itself."""


@command.command(name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(words: tuple[str, ...]) -> None:
    """Run any command (terraform, cdktf, ...) against the sandbox: blueprint sandbox exec -- cdktf deploy '*'."""
    from operations.target import run_in_sandbox

    raise click.exceptions.Exit(run_in_sandbox(Path.cwd(), words))


@command.command()
@click.confirmation_option("--yes", prompt="Delete everything in the sandbox?")
def reset() -> None:
    """Forget everything: the sandbox becomes an empty cloud again."""
    from operations.target import reset_sandbox

    reset_sandbox(Path.cwd())
    click.echo("the sandbox is empty")


@command.command()
def rules() -> None:
    """What Google refuses here as it does there: a line for each rule, and its file."""
    from operations.laws import laws

    for name, sentence, file in laws():
        click.echo(f"{name:28}{sentence}\n{'':28}{file}")
