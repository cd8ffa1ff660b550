"""blueprint eval: golden sets and tuning data"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from scripts import options


@click.command()
@click.argument("name", default="")
@options.assets
@options.settings
def lint(assets: Path, settings: Path, name: str) -> None:
    """Say what is wrong with golden set NAME, or each, and the tuning data beside it. Ends with 4 if anything is."""
    from operations.golden_sets import linted
    from operations.outcome import Exit

    found = linted(assets, settings, name)
    for finding in found:
        click.echo(finding)
    click.echo(f"{len(found)} findings", err=True)
    if found:
        raise click.exceptions.Exit(Exit.REFUSED)


@click.command()
@click.argument("name")
@options.assets
@options.settings
def seal(assets: Path, settings: Path, name: str) -> None:
    """Write the hash of golden set NAME into its manifest, after its owner has looked at the change."""
    from operations.generative import opened, sealed

    click.echo(f"{name} is {sealed(opened(assets, settings)[0], name)[:12]}")


@click.command()
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), required=True, help="File for the tuning job, JSON lines.")
@options.assets
@options.settings
def tuning(assets: Path, settings: Path, name: str, to: Path) -> None:
    """Write tuning set NAME as a tuning job reads it. Refused where anything is wrong with it."""
    from operations.golden_sets import rows_for_tuning

    found = rows_for_tuning(assets, settings, name, to)
    click.echo(f"{len(found.rows)} rows of {name} {found.version[:12]} in {to}")


@click.group()
def corrections() -> None:
    """References that may be wrong: proposed by reviews and runs, accepted by a person."""


@corrections.command(name="list")
@click.argument("name")
@options.assets
@options.settings
def list_(assets: Path, settings: Path, name: str) -> None:
    """List the corrections of golden set NAME."""
    from operations.golden_sets import corrections

    for one in corrections(assets, settings, name).known:
        who = f", {one.state} by {one.decided_by}" if one.decided_by else ""
        click.echo(f"{one.id} {one.item}: proposed by {one.proposed_by}{who}")
        click.echo(f"  - {one.before}\n  + {one.after}\n  {one.why}")


@corrections.command()
@click.argument("evaluation", default="assistant")
@click.option("--run", "key", help="Beginning of a run's key; default: of the components as they are.")
@options.assets
@options.settings
def propose(assets: Path, settings: Path, evaluation: str, key: str | None) -> None:
    """Write down what people's reviews and a run of EVALUATION say about references."""
    from datetime import date

    from operations.evaluations import Desk
    from operations.golden_sets import proposed

    desk = Desk.opened(assets, settings, evaluation)
    new = proposed(desk, desk.kept_run(key) if key else desk.run(), date.today())
    for one in new:
        click.echo(f"{one.id} {one.item}: {one.why}")
    click.echo(f"{len(new)} new proposals")


def _decision(of: Callable[..., None]) -> click.Command:
    """A command that decides about one correction: what it is told is the same for both decisions."""
    by = click.option("--by", required=True, help="Mail address of who decides.")
    for told in (options.settings, options.assets, by, click.argument("correction"), click.argument("name")):
        of = told(of)
    return corrections.command()(of)


@_decision
def accept(assets: Path, settings: Path, name: str, correction: str, by: str) -> None:
    """Correct the item of golden set NAME as CORRECTION says; not by who proposed it."""
    _decide(assets, settings, name, correction, by, accept=True)


@_decision
def reject(assets: Path, settings: Path, name: str, correction: str, by: str) -> None:
    """Leave the item as it is."""
    _decide(assets, settings, name, correction, by, accept=False)


def _decide(assets: Path, settings: Path, name: str, correction: str, by: str, *, accept: bool) -> None:
    from datetime import date

    from operations.golden_sets import corrections, decided

    done = decided(corrections(assets, settings, name), correction, by, date.today(), accept=accept)
    then = f"; look at it, then run 'blueprint eval seal {name}'" if accept else ""
    click.echo(f"{done.item}: {done.state} by {done.decided_by}{then}")


COMMANDS = (lint, seal, tuning, corrections)
