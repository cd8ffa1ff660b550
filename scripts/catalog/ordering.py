"""Self-service: list, show, launch, deployments, describe, update, delete, cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scripts import options
from scripts.catalog.telling import counted, say, told_costs, told_deployment, told_made, told_offer, told_offers

as_person = click.option("--as", "persona", help="Persona and team that orders [default: data_scientist/TEAM].")
by = click.option("--by", help="Address of who orders [default: the first member of that group in the settings].")
team = click.option("--team", required=True, help="Team for whose project it is.")
environment = click.option("--environment", default="interactive", show_default=True, help="Where it is wanted.")
set_ = click.option("--set", "settings_", multiple=True, metavar="INPUT=VALUE", help="One input; may be repeated.")
file = click.option("--file", type=click.Path(path_type=Path), help="YAML file with inputs; --set goes before it.")
version = click.option("--version", help="Version [default: the newest on offer].")
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be made.")
F = Callable[..., Any]


def _order_options(function: F) -> F:
    for option in (options.target, options.settings, environment, by, as_person, team):
        function = option(function)
    return function


@click.command(name="list")
@options.settings
@options.target
@options.as_json
def list_(settings: Path, target: str, as_json: bool) -> None:
    """What may be ordered: title, version, what it costs, and who may order it."""
    from operations.catalog_service import offers

    found = offers(settings, Path.cwd(), target)
    if as_json:
        click.echo(json.dumps({"templates": found}, indent=2))
        return
    say(told_offers(found))
    if not found:
        click.echo("nothing is on offer; run 'blueprint catalog publish --offer'", err=True)


@click.command()
@click.argument("template")
@options.settings
@options.target
@options.as_json
def show(template: str, settings: Path, target: str, as_json: bool) -> None:
    """The form of TEMPLATE: inputs, defaults, limits, cost, quota and who may order."""
    from operations.catalog_service import offer

    found = offer(settings, Path.cwd(), target, template)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    say(told_offer(found))


@click.command()
@click.argument("template")
@_order_options
@set_
@file
@version
@dry_run
def launch(template: str, dry_run: bool, **given: Any) -> None:
    """Order TEMPLATE. On a terminal, what is missing is asked."""
    from operations.catalog_service import launched
    from scripts.catalog.asking import choices, watching

    with watching() as progress:
        made = launched(Path.cwd(), template, choices=choices(given), progress=progress, dry_run=dry_run, **_who(given))
    _tell(made, given["target"])


@click.command()
@options.settings
@options.target
@click.option("--team", help="Only those of one team.")
@options.as_json
def deployments(settings: Path, target: str, team: str | None, as_json: bool) -> None:
    """What was ordered, of all teams or of one."""
    from operations.catalog_service import ordered

    found = ordered(settings, Path.cwd(), target, team)
    if as_json:
        click.echo(json.dumps({"deployments": [one.model_dump() for one in found]}, indent=2))
        return
    for one in found:
        click.echo(f"{one.name:<36} {one.version:<8} {one.state:<9} {one.project:<24} {one.person}")
    click.echo(f"{counted(len(found), 'deployment')} ({target.upper()})", err=True)


@click.command()
@click.argument("name")
@options.settings
@options.target
@click.option("--team", required=True, help="Team whose project it is in.")
@environment
@options.as_json
def describe(name: str, settings: Path, target: str, team: str, environment: str, as_json: bool) -> None:
    """Deployment NAME: inputs, what it made, as whom, and what went wrong."""
    from operations.catalog_service import described

    found = described(settings, Path.cwd(), target, team, environment, name)
    say(iter([found.model_dump_json(indent=2)]) if as_json else told_deployment(found, target))


@click.command()
@click.argument("name")
@_order_options
@set_
@file
@click.option("--version", help="Bring it to another version [default: it keeps its own].")
@dry_run
def update(name: str, dry_run: bool, **given: Any) -> None:
    """Change inputs of deployment NAME, or bring it to another version."""
    from operations.catalog_service import updated
    from scripts.catalog.asking import given_choices, watching

    with watching() as progress:
        made = updated(
            Path.cwd(), name, choices=given_choices(given), progress=progress, dry_run=dry_run, **_who(given)
        )
    _tell(made, given["target"])


@click.command()
@click.argument("name")
@_order_options
@click.option("--yes", is_flag=True, help="Delete without asking.")
def delete(name: str, yes: bool, **given: Any) -> None:
    """Take down deployment NAME."""
    from operations.catalog_service import deleted
    from scripts.catalog.asking import watching

    if not yes:
        click.confirm(f"Delete {name} of team {given['team']} and what is in it?", abort=True, err=True)
    with watching() as progress:
        deleted(Path.cwd(), name, progress=progress, **_who(given))
    click.echo(f"{name}: deleted, nothing remains")


@click.command()
@options.settings
@options.target
@click.option("--team", help="Only one team.")
@options.as_json
def cost(settings: Path, target: str, team: str | None, as_json: bool) -> None:
    """What makes deployments cost money, by team, beside the team's budget. Amounts are Google's to say."""
    from operations.catalog_service import costs

    found = costs(settings, Path.cwd(), target, team)
    if as_json:
        click.echo(json.dumps({"teams": found}, indent=2))
        return
    say(told_costs(found))


@click.command()
@_order_options
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
def serve(port: int, **given: Any) -> None:
    """The catalog as a web page for one person, on this computer only."""
    from operations.catalog_web.server import serve as run

    def ready(address: str) -> None:
        click.echo(f"{address} (Ctrl-C ends it)")

    who = _who(given)
    run(who.pop("settings"), Path.cwd(), who.pop("target"), port=port, ready=ready, **who)


@click.command()
@click.option("--order", required=True, metavar="TEAM/ID", help="The order, as the message to the desk names it.")
@options.settings
@options.target
def fulfil(order: str, settings: Path, target: str) -> None:
    """Do what the order desk does with an ORDER that a team left; what became of it is left beside it."""
    from operations.catalog_fulfilling import fulfilled

    click.echo(fulfilled(settings, Path.cwd(), target, order))


def _who(given: dict[str, Any]) -> dict[str, Any]:
    return {key: given.get(key) for key in ("settings", "target", "team", "environment", "persona", "by", "version")}


def _tell(made: Any, target: str) -> None:
    if isinstance(made, list):
        say(iter(made))
        click.echo(f"{counted(len(made), 'resource')}; a dry run changes nothing ({target.upper()})", err=True)
        return
    say(told_made(made, target))


COMMANDS = (list_, show, launch, deployments, describe, update, delete, cost, serve, fulfil)
