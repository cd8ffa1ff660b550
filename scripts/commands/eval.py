"""blueprint eval"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

name_argument = click.argument("name", default="assistant")
run_option = click.option("--run", "key", help="Beginning of a run's key; default: of the components as they are.")
against_option = click.option("--against", default="release", show_default=True, help="A run's key, or 'release'.")


@click.group()
def command() -> None:
    """Evaluation: golden sets, runs over them, and a gate that can say no."""


@command.command()
@click.argument("name")
@options.assets
@options.settings
def lint(assets: Path, settings: Path, name: str) -> None:
    """Say what is wrong with golden set NAME. Ends with 4 if anything is."""
    from operations.generative import checked, opened
    from operations.outcome import Exit

    found = checked(opened(assets, settings)[0], name)
    for finding in found:
        click.echo(finding)
    click.echo(f"{len(found)} findings", err=True)
    if found:
        raise click.exceptions.Exit(Exit.REFUSED)


@command.command()
@click.argument("name")
@options.assets
@options.settings
def seal(assets: Path, settings: Path, name: str) -> None:
    """Write the hash of golden set NAME into its manifest, after its owner has looked at the change."""
    from operations.generative import opened, sealed

    click.echo(f"{name} is {sealed(opened(assets, settings)[0], name)[:12]}")


@command.command()
@name_argument
@options.assets
@options.settings
def run(assets: Path, settings: Path, name: str) -> None:
    """Ask every item of evaluation NAME and score the answers. A run that was stopped goes on."""
    from operations.evaluations import Desk, summary

    desk = Desk.opened(assets, settings, name)
    found = desk.run(_told)
    click.echo(
        f"run {found.key[:16]} of {found.chain} {found.chain_version[:12]}, {len(found.items)} answers: {found.label}"
    )
    for line in summary(found):
        click.echo(f"  {line}")


@command.command()
@name_argument
@run_option
@against_option
@options.assets
@options.settings
def compare(assets: Path, settings: Path, name: str, key: str | None, against: str) -> None:
    """Show how two runs of evaluation NAME differ, metric by metric."""
    from operations.evaluations import Desk, compared

    desk = Desk.opened(assets, settings, name)
    now, then = desk.kept_run(key) if key else desk.run(), desk.kept_run(against)
    click.echo(f"{now.chain_version[:12]} against {then.chain_version[:12]}: {now.label}")
    for line in compared(now, then):
        click.echo(f"  {line}")


@command.command()
@name_argument
@run_option
@against_option
@click.option("--to", type=click.Path(path_type=Path), default=Path(".sandbox/genai/report.html"), show_default=True)
@options.assets
@options.settings
def report(assets: Path, settings: Path, name: str, key: str | None, against: str, to: Path) -> None:
    """Write the report of a run beside the one before, as one HTML page."""
    from datetime import date

    from operations.evaluations import Desk, reported

    desk = Desk.opened(assets, settings, name)
    now, then = desk.kept_run(key) if key else desk.run(), desk.kept_run(against)
    click.echo(reported(desk, now, then, desk.judged(now, then, date.today()), to))


@command.command()
@name_argument
@run_option
@against_option
@options.as_json
@options.assets
@options.settings
def gate(assets: Path, settings: Path, name: str, key: str | None, against: str, as_json: bool) -> None:
    """Say whether a run may take the release's place: 0 yes, 4 no, 3 neither was shown."""
    import json
    from datetime import date

    from operations.evaluations import Desk

    desk = Desk.opened(assets, settings, name)
    now = desk.kept_run(key) if key else desk.run()
    found = desk.judged(now, desk.kept_run(against), date.today())
    if as_json:
        click.echo(json.dumps(found.as_json() | {"label": now.label}, indent=2))
    else:
        click.echo(f"{found.verdict.name}: {now.label}")
        for finding in found.findings:
            click.echo(f"  {finding.verdict.name:<13} {finding.reason}")
    raise click.exceptions.Exit(found.verdict)


def _told(done: int, of: int) -> None:
    if done % 500 == 0 or done == of:
        click.echo(f"{done} of {of} items", err=True)
