"""Questions before a change."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from operations.deploying import Confirm


def confirmation(auto_approve: bool) -> Confirm | None:
    """The question that is asked for each stack's plan; None where everything is approved in advance."""
    if auto_approve:
        return None
    if not sys.stdin.isatty():
        raise click.UsageError("there is nobody to ask: run it on a terminal or pass --auto-approve")

    def ask(stack: str, plan: str) -> bool:
        click.echo(plan)
        return click.confirm(f"Apply this plan to {stack}?", err=True)

    return ask
