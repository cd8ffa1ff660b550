"""blueprint build"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options
from scripts.builds import ended

principal = click.option("--as", "person", metavar="E-MAIL", help="In the sandbox: who does it.")


@click.group()
def command() -> None:
    """The builds of the four pipelines: infrastructure, interactive, container and operational."""


@command.command(name="list")
def list_() -> None:
    """What starts each build, where it runs, as whom, and whether it waits for an approval."""
    from operations.builds.listing import lines

    for line in lines():
        click.echo(line)


@command.command()
def check() -> None:
    """Check every build file: Google's own client reads it, and the platform's rules hold."""
    from operations.builds.listing import checked

    checked()
    click.echo("every build file is a build for Google, and follows the rules")


@command.command()
@click.argument("pipeline")
@click.option("--event", required=True, type=click.Choice(["pull_request", "push", "message"]), help="What happens.")
@click.option("--ref", help="The proposed branch, or the merged commit; default: the branch itself.")
@click.option("--repository", type=click.Path(path_type=Path), help="Its Git folder; default: on the Git host.")
@click.option("--base", help="The branch that changes; as the settings say where it is not given.")
@click.option("--team", help="Whose pipeline, where each team has its own.")
@click.option("--trigger", help="Only this one, where several listen.")
@click.option("--set", "attributes", multiple=True, metavar="KEY=VALUE", help="An attribute of the message.")
@principal
@options.settings
def run(
    pipeline: str,
    event: str,
    ref: str | None,
    repository: Path | None,
    base: str | None,
    team: str | None,
    trigger: str | None,
    attributes: tuple[str, ...],
    person: str | None,
    settings: Path,
) -> None:
    """Tell the sandbox's Cloud Build of an event in a repository, and run what it starts on this computer.

    Ends with 5 where a build waits for an approval, with 1 where one fails.
    """
    from operations.builds.running import Told, run_event

    where = repository.resolve() if repository else None
    told = Told(pipeline, event, ref, where, base, team, trigger, attributes, person)
    ended(run_event(settings, Path.cwd(), told, click.echo))


@command.command()
@click.argument("pipeline")
@principal
@options.target
@options.settings
def approvals(pipeline: str, person: str | None, target: str, settings: Path) -> None:
    """Builds of this pipeline that wait for an approval."""
    from operations.builds.running import opened, trigger_of, waiting

    with opened(target, settings, Path.cwd(), None, person, click.echo) as desk:
        found = waiting(desk, pipeline)
    for build in found:
        commit = build.substitutions.get("COMMIT_SHA", "")[:12]
        click.echo(f"{build.id}  {build.create_time:%Y-%m-%d %H:%M}  {trigger_of(build):<30} {commit}".rstrip())


@command.command()
@click.argument("pipeline")
@click.argument("build", required=False)
@click.option("--trigger", help="The one that waits of this trigger, such as apply-production.")
@click.option("--reject", is_flag=True, help="Say no instead.")
@click.option("--comment", default="", help="Why.")
@click.option("--repository", type=click.Path(path_type=Path), help="Its Git folder, where the Git host has none.")
@principal
@options.target
@options.settings
def approve(
    pipeline: str,
    build: str | None,
    trigger: str | None,
    reject: bool,
    comment: str,
    repository: Path | None,
    person: str | None,
    target: str,
    settings: Path,
) -> None:
    """Approve (or reject) BUILD, or the one that waits, and say how it ended; the sandbox runs it at once."""
    from operations.builds.running import decide, opened

    where = repository.resolve() if repository else None
    with opened(target, settings, Path.cwd(), where, person, click.echo) as desk:
        ended([decide(desk, pipeline, build, trigger, approve=not reject, comment=comment)])


@command.command()
@click.argument("pipeline")
@click.option("--build", required=True, help="The running build.")
@click.option("--commit", required=True, help="What it was approved for.")
@options.settings
def duties(pipeline: str, build: str, commit: str, settings: Path) -> None:
    """Refuse a build that was approved by somebody who wrote the change. A step of every approved build."""
    from operations.builds.running import separate

    click.echo(f"approved by {separate(settings, pipeline, build, Path.cwd(), commit)}, who wrote none of it")
