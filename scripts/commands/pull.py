"""blueprint pull"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from scripts import options
from scripts.builds import ended

repository = click.argument("repository")
number = click.argument("number", type=int)
team = click.option("--team", help="Whose repository, for 'team'.")
principal = click.option("--as", "person", metavar="E-MAIL", help="Who does it.")


@click.group()
def command() -> None:
    """Pull requests on the sandbox's Git host, and the builds that they start there as GitHub's app does for Google.

    REPOSITORY is one of infrastructure, templates, containers and team.
    """


@command.command(name="open")
@repository
@click.option(
    "--from", "folder", type=click.Path(path_type=Path), default=Path(), show_default=True, help="Your Git folder."
)
@click.option("--branch", required=True, help="Your branch in it.")
@click.option("--title", default="", help="What it is about.")
@team
@principal
@options.settings
def open_(
    repository: str, folder: Path, branch: str, title: str, team: str | None, person: str | None, settings: Path
) -> None:
    """Push a branch and ask for its merge into REPOSITORY; pushed again, it is checked again."""
    from operations.builds.pulls import opened

    with opened(settings, Path.cwd(), repository, team, person, click.echo) as reviews:
        pull, builds = reviews.open(folder.resolve(), branch, title or branch)
    click.echo(f"pull request {pull['number']} of {pull['repository']}: {pull['title']}")
    ended(builds)


@command.command(name="list")
@repository
@team
@principal
@options.settings
def list_(repository: str, team: str | None, person: str | None, settings: Path) -> None:
    """Every pull request of REPOSITORY."""
    from operations.builds.pulls import opened

    with opened(settings, Path.cwd(), repository, team, person, click.echo) as reviews:
        for pull in reviews.host.pulls(reviews.name):
            approved = ", ".join(one["by"] for one in pull["approvals"])
            checks = ", ".join(f"{name} {state}" for name, state in pull.get("checks", {}).items())
            words = (f"{pull['number']:>3}  {pull['state']:<7} {pull['author']:<28} {pull['title']}", approved, checks)
            click.echo("  ".join(filter(None, words)))


def _numbered(of: Callable[..., None]) -> click.Command:
    """A command about one pull request: how it is named is the same for all of them."""
    for told in (options.settings, principal, team, number, repository):
        of = told(of)
    return command.command()(of)


@_numbered
def approve(repository: str, number: int, team: str | None, person: str | None, settings: Path) -> None:
    """Approve pull request NUMBER as it is now; nobody approves what they wrote."""
    from operations.builds.pulls import opened

    with opened(settings, Path.cwd(), repository, team, person, click.echo) as reviews:
        click.echo(f"pull request {number}: approved at {reviews.approve(number)['head'][:12]}")


@_numbered
def merge(repository: str, number: int, team: str | None, person: str | None, settings: Path) -> None:
    """Merge pull request NUMBER once it is approved and its checks succeeded, and run what that starts.

    Ends with 5 where a build waits for an approval.
    """
    from operations.builds.pulls import opened

    with opened(settings, Path.cwd(), repository, team, person, click.echo) as reviews:
        pull, builds = reviews.merge(number)
    click.echo(f"pull request {number}: merged as {pull['merged']['commit']}")
    ended(builds)
