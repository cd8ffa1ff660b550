"""blueprint data"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

why = click.option("--why", required=True, help="The reason, which is kept.")


@click.group()
def command() -> None:
    """Access for a time: ask for a source's data, agree, and see what is lent. WHAT is a source, or break-glass."""


@command.command()
@click.argument("what")
@why
@click.option("--hours", type=click.IntRange(min=1), help="For how long; the most that is allowed where not given.")
@options.who
@options.settings
@options.target
def request(what: str, why: str, hours: int | None, who: str, settings: Path, target: str) -> None:
    """Ask for access to WHAT. It begins once its owner agrees, and ends by itself."""
    from operations.lending import HOURS, entitlement_of, lending

    entitlement, most = entitlement_of(settings, what)
    with lending(target, Path.cwd()) as lender:
        grant = lender.request(entitlement, who, (hours or most) * HOURS, why)
    click.echo(f"{grant.state}: {grant.name}")
    click.echo("the approver is asked; see 'blueprint data list'", err=True)


@command.command()
@click.argument("grant")
@why
@options.who
@options.target
def approve(grant: str, why: str, who: str, target: str) -> None:
    """Agree to the request GRANT, as one of its approvers. Exit code 4: you may not."""
    from operations.lending import lending

    with lending(target, Path.cwd()) as lender:
        found = lender.approve(grant, who, why)
    click.echo(f"{found.state}: {found.requester} until {found.ends or 'its end'}")


@command.command(name="list")
@click.argument("what", required=False)
@options.settings
@options.target
@options.as_json
def list_(what: str | None, settings: Path, target: str, as_json: bool) -> None:
    """List requests for access and what became of them; for WHAT alone, or for everything that is lent."""
    import json
    from dataclasses import asdict

    from operations.lending import entitlement_of, entitlements, lending
    from settings.loading import read

    wanted = [entitlement_of(settings, what)] if what else list(entitlements(read(settings)).values())
    with lending(target, Path.cwd()) as lender:
        found = [grant for entitlement, _ in wanted for grant in lender.of(entitlement)]
    if as_json:
        click.echo(json.dumps([asdict(grant) for grant in found], indent=2))
        return
    for grant in found:
        click.echo(f"{grant.state:<17} {grant.requester:<28} {grant.ends or '-':<33} {grant.name}  {grant.why}")
    click.echo(f"{len(found)} requests")


@command.command()
@click.argument("source")
@click.option("--into", required=True, help="Bucket for files; for tables a dataset, as PROJECT.DATASET.")
@options.who
@options.settings
@options.target
def copy(source: str, into: str, who: str, settings: Path, target: str) -> None:
    """Copy what is lent of SOURCE into a bucket or dataset of the catalog. Exit code 4: it is not lent to you."""
    from operations.copying import Copy
    from operations.copying import copy as run

    done = run(settings, Path.cwd(), target, Copy(source, into, who))
    for line in done:
        click.echo(line)
    click.echo(f"{len(done)} copied", err=True)
