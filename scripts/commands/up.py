"""blueprint up"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options


@click.command()
@options.settings
@options.out
@click.pass_context
def command(ctx: click.Context, settings: Path, out: Path) -> None:
    """Deploy the whole estate to the sandbox and show what now exists."""
    from scripts.commands import deploy, status

    ctx.invoke(deploy.command, stacks=(), settings=settings, out=out, target="sandbox", auto_approve=True)
    ctx.invoke(status.command, stacks=(), settings=settings, out=out, target="sandbox", as_json=False)
