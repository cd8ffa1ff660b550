"""blueprint secret"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scripts import options

LENGTH = 32
team = click.option("--team", required=True, help="Team whose secret it is.")
environment = click.option("--environment", default="interactive", show_default=True, help="Where it is.")


@click.group()
def command() -> None:
    """Values of secrets from the catalog: when they are due, and a new one in time."""


@command.command()
@click.argument("name")
@team
@environment
@click.option("--generate", is_flag=True, help="Make a random value.")
@click.option("--value-from", type=click.File("rb"), help="File with the new value; - reads it from stdin.")
@click.option("--overlap-days", default=7, show_default=True, type=click.IntRange(min=0), help="Old values still work.")
@options.who
@options.settings
@options.target
def rotate(name: str, generate: bool, value_from: Any, overlap_days: int, **given: Any) -> None:
    """Give secret NAME a new value if one is due, and disable what was replaced longer ago than the overlap."""
    from datetime import timedelta

    from operations.rotating import rotated

    def value() -> bytes:
        if generate:
            from secrets import token_urlsafe

            return token_urlsafe(LENGTH).encode()
        if value_from:
            return bytes(value_from.read()).rstrip(b"\n")
        return str(click.prompt("New value", hide_input=True, confirmation_prompt=True, err=True)).encode()

    done = rotated(Path.cwd(), name, value=value, overlap=timedelta(days=overlap_days), **given)
    for line in done or ["nothing is due"]:
        click.echo(line)


@command.command()
@click.argument("name")
@team
@environment
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day that it is, as 2027-01-31 [default: today].")
@options.settings
def due(name: str, on: datetime | None, **given: Any) -> None:
    """Play Secret Manager's clock in the sandbox: announce NAME where it is due on that day."""
    from operations.rotating import announced

    found = announced(Path.cwd(), name, on=(on or datetime.now()).astimezone(UTC), **given)
    click.echo(f"{name}: announced, due since {found:%Y-%m-%d} (SANDBOX)" if found else f"{name}: is not due (SANDBOX)")
