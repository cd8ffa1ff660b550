"""blueprint prompt"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

name_argument = click.argument("name")
revision_option = click.option("--revision", default="HEAD", show_default=True, help="Git revision.")


@click.group()
def command() -> None:
    """Prompts: text, examples, model, parameters and safety as one component with one version."""


@command.command("list")
@options.assets
@options.settings
def list_(assets: Path, settings: Path) -> None:
    """List every prompt with its version."""
    from operations.prompts import listed

    for line in listed(assets, settings):
        click.echo(f"{line.name:<12} {line.version[:12]}  {line.model:<20} {line.owner:<30} {line.title}")


@command.command()
@name_argument
@options.assets
@options.settings
def show(assets: Path, settings: Path, name: str) -> None:
    """Show prompt NAME as JSON."""
    import json

    from operations.prompts import one

    found = one(assets, settings, name)
    click.echo(json.dumps({"version": found.version, **found.content}, indent=2, ensure_ascii=False))


inputs_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of an input: text, JSON, or @FILE of an image.",
)


@command.command("try")
@name_argument
@inputs_option
@click.option("--model", default="", help="Ask this one instead; default: the one that the prompt names.")
@options.models
@click.option("--environment", default="interactive", show_default=True, help="Whose models, and whose project.")
@options.assets
@options.settings
def try_(
    assets: Path, settings: Path, environment: str, models: str, model: str, inputs: tuple[str, ...], name: str
) -> None:
    """Ask prompt NAME once. Its model is one line of its file, or --model; the model's card says how it is asked."""
    from operations.prompts import tried

    asked, reply, label = tried(assets, settings, name, inputs, model=model, models=models, environment=environment)
    click.echo(reply.text)
    words = f"{reply.input_tokens} tokens in, {reply.output_tokens} out"
    click.echo(f"{name} {asked.version[:12]}, {reply.model_version}, {words}: {label}", err=True)


@command.command()
@name_argument
@inputs_option
@options.assets
@options.settings
def render(assets: Path, settings: Path, name: str, inputs: tuple[str, ...]) -> None:
    """Show the text that the model would see of prompt NAME."""
    from operations.prompts import rendered

    click.echo(rendered(assets, settings, name, inputs))


@command.command()
@name_argument
@revision_option
@options.assets
@options.settings
def diff(assets: Path, settings: Path, name: str, revision: str) -> None:
    """Show what changed in prompt NAME since a revision."""
    from operations.prompts import compared

    click.echo(compared(assets, settings, name, revision), nl=False)


@command.command()
@name_argument
@revision_option
@options.assets
@options.settings
def restore(assets: Path, settings: Path, name: str, revision: str) -> None:
    """Put prompt NAME back to a revision."""
    from operations.prompts import restored

    click.echo(f"{name} is {restored(assets, settings, name, revision)[:12]}")


published_option = click.option(
    "--models",
    type=click.Choice(["sandbox", "google"]),
    default="sandbox",
    show_default=True,
    help="Whose prompt management.",
)


@command.command()
@name_argument
@published_option
@options.environment
@options.assets
@options.settings
def publish(assets: Path, settings: Path, environment: str, models: str, name: str) -> None:
    """Put prompt NAME as it stands here into Vertex AI prompt management; its version is called by its hash."""
    from operations.prompts import one, published

    new = published(assets, settings, name, models, environment)
    version = one(assets, settings, name).version[:12]
    click.echo(f"{name} {version} {'is published' if new else 'was published before'}")


@command.command()
@name_argument
@click.option("--version", default="", help="Beginning of a version's hash; default: the newest one.")
@published_option
@options.environment
@options.assets
@options.settings
def pull(assets: Path, settings: Path, environment: str, models: str, name: str, version: str) -> None:
    """Put prompt NAME here to what Vertex AI prompt management holds, if that is what its version is called by."""
    from operations.prompts import pulled

    found, new = pulled(assets, settings, name, version, models, environment)
    click.echo(f"{name} is {found[:12]}{'' if new else ', as it was'}")


@command.command()
@click.option("--published", is_flag=True, help="Vertex AI prompt management has to hold the same. Ends with 4 if not.")
@published_option
@options.environment
@options.assets
@options.settings
def verify(assets: Path, settings: Path, environment: str, models: str, published: bool) -> None:
    """Check every prompt: it can be rendered, its safety holds, its model is permitted, it shows no guarded item."""
    from operations.outcome import Exit
    from operations.prompts import unpublished, verified

    click.echo(f"{len(verified(assets, settings))} prompts can be used")
    problems = unpublished(assets, settings, models, environment) if published else []
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.exceptions.Exit(Exit.REFUSED)


@command.command()
@click.argument("chain")
@options.assets
@options.settings
def pin(assets: Path, settings: Path, chain: str) -> None:
    """Pin the prompts and indexes of CHAIN to the versions that they have now."""
    from operations.evaluations import pin as pinned

    click.echo(pinned(assets, settings, chain))


@command.command()
@name_argument
@click.option("--evaluation", default="assistant", show_default=True, help="On whose development split it is judged.")
@options.models
@options.environment
@options.assets
@options.settings
def propose(assets: Path, settings: Path, environment: str, models: str, evaluation: str, name: str) -> None:
    """Let a model propose a better template of prompt NAME; keep it only where the gate says that it is better.

    It is judged on the development split, never on test items or the vault. 4 or 3: nothing was changed.
    """
    from operations.evaluations import desk
    from operations.proposing import proposed

    with desk(assets, settings, evaluation, models, environment) as it:
        found = proposed(it, name)
    click.echo(found.difference, nl=False)
    click.echo(f"{found.judgement.verdict.name}: {found.label}")
    for finding in found.judgement.findings:
        click.echo(f"  {finding.verdict.name:<13} {finding.reason}")
    then = f"kept; look at it, then run 'blueprint prompt pin {evaluation}'" if found.kept else "not kept"
    click.echo(f"{name} {found.candidate.version[:12]}: {then}")
    raise click.exceptions.Exit(found.judgement.verdict)
