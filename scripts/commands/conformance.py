"""blueprint conformance"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--run", is_flag=True, help="Run the tests; only ids whose tests pass now are counted.")
@click.option("--tables", type=click.Path(path_type=Path), help="Folder for requirements.csv and requirements.html.")
def command(run: bool, tables: Path | None) -> None:
    """Which requirement is proven: by which test, that finds which planted defect.

    A must that no test proves, and whose row does not say why, is an error. With --run, a failing proof ends with 4.
    """
    from operations import conformance
    from operations import conformance_report as report
    from operations.outcome import Exit

    known = conformance.requirements()
    ran = conformance.passed(known) if run else None
    click.echo(report.summary(known, ran))
    for path in report.write_tables(known, tables) if tables else ():
        click.echo(path)
    if ran is not None and any(one.proven and one.id not in ran for one in known):
        raise click.exceptions.Exit(Exit.REFUSED)
