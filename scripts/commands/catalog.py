"""blueprint catalog"""

from __future__ import annotations

import click

from scripts.catalog import ordering, publishing


@click.group()
def command() -> None:
    """What data scientists order: templates that nobody can weaken, from source to deployment."""


for one in (*publishing.COMMANDS, *ordering.COMMANDS):
    command.add_command(one)
