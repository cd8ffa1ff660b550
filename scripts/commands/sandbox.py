"""blueprint sandbox"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import click


@click.group()
def command() -> None:
    """The local Google Cloud itself."""


@command.command(name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(words: tuple[str, ...]) -> None:
    """Run any command (terraform, cdktf, python) against the sandbox: blueprint sandbox exec -- cdktf deploy '*'."""
    from operations.target import run_in_sandbox

    raise click.exceptions.Exit(run_in_sandbox(Path.cwd(), words))


@command.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; any other than this opens it."
)
@click.option("--port", default=8085, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--as", "principal", default="operator", show_default=True, help="Whom the printed environment acts as.")
def serve(host: str, port: int, principal: str) -> None:
    """Serve the sandbox to Google's own clients until Ctrl-C."""
    from operations.serving import served_alone

    with served_alone(Path.cwd(), host=host, port=port, principal=principal) as found:
        click.echo(
            f"SANDBOX API on {found.endpoint} - nothing here exists on Google Cloud; {found.reachable}", err=True
        )
        for name, value in found.environment.items():
            click.echo(f"export {name}={value}")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


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


@command.command()
def violations() -> None:
    """What perimeters refused, or would refuse once they are enforced: a line for each call."""
    from operations.laws import across_perimeters

    for line in across_perimeters(Path.cwd()):
        verb = "would be refused" if line["dryRun"] else "refused"
        click.echo(f"{line['time'][:19]}  {verb}: {line['principal']} {line['permission']} from {line['origin']}")
        click.echo(f"  {line['resource']}\n  {line['why']}")
