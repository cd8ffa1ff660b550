"""blueprint eval"""

from __future__ import annotations

import click

from scripts.evaluation import keeping, reviewing, running, watching


@click.group()
def command() -> None:
    """Evaluation: golden sets, runs over them, people who rate, and a gate that can say no."""


for one in (*keeping.COMMANDS, *running.COMMANDS, *reviewing.COMMANDS, *watching.COMMANDS):
    command.add_command(one)
