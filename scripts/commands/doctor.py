"""blueprint doctor"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts import options

if TYPE_CHECKING:
    from operations.findings import Report

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "unknown": "magenta"}


@click.command()
@options.settings
@options.target
@options.as_json
def command(settings: Path, target: str, as_json: bool) -> None:
    """Check that everything is ready: this computer, and for Google the organization before the first change.

    Only reads. Ends with 1 where a check failed, 2 where the settings are invalid, 3 where a check could not be made.
    """
    import json

    from operations.doctor import examine

    report = examine(settings, target, Path.cwd())
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        _show(report)
    raise click.exceptions.Exit(report.code)


def _show(report: Report) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("check", "", "found", box=None, pad_edge=False)
    for one in report.findings:
        found = Text(one.text)
        if one.verdict != "ok" and one.way_out:
            found.append(f"\n→ {one.way_out}", style="bold")
        table.add_row(Text(one.name), Text(one.verdict, style=COLOURS[one.verdict]), found)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table)
    counts = {verdict: sum(f.verdict == verdict for f in report.findings) for verdict in COLOURS}
    console.print(f"{report.target}: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n))
