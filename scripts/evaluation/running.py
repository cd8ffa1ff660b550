"""blueprint eval: runs, and what is said about them"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

name_argument = click.argument("name", default="assistant")
run_option = click.option("--run", "key", help="Beginning of a run's key; default: of the components as they are.")
against_option = click.option("--against", default="release", show_default=True, help="A run's key, or 'release'.")
since_option = click.option(
    "--since", metavar="COMMIT", help="Or the release before: the newest in the history of COMMIT with another chain."
)


@click.command()
@name_argument
@click.option(
    "--results",
    type=click.Choice(["duckdb", "bigquery"]),
    help="Tables of the results: beside the runs, or in BigQuery too; default: BigQuery where Google's models answer.",
)
@options.models
@options.environment
@options.assets
@options.settings
def run(assets: Path, settings: Path, environment: str, models: str, results: str | None, name: str) -> None:
    """Ask every item of evaluation NAME and score the answers. A run that was stopped goes on."""
    from operations.evaluations import BIGQUERY, desk, results_of, summary

    with desk(assets, settings, name, models, environment) as it:
        found = it.run(_told)
        if (results or results_of(models)) == BIGQUERY:
            click.echo(f"tables genai_* of {it.warehoused(found)}", err=True)
    click.echo(
        f"run {found.key[:16]} of {found.chain} {found.chain_version[:12]}, {len(found.items)} answers: {found.label}"
    )
    for line in summary(found):
        click.echo(f"  {line}")


@click.command()
@name_argument
@run_option
@against_option
@options.models
@options.environment
@options.assets
@options.settings
def compare(
    assets: Path, settings: Path, environment: str, models: str, name: str, key: str | None, against: str
) -> None:
    """Show how two runs of evaluation NAME differ, metric by metric."""
    from operations.evaluations import compared, desk

    with desk(assets, settings, name, models, environment) as it:
        now, then = it.kept_run(key) if key else it.run(), it.kept_run(against)
    click.echo(f"{now.chain_version[:12]} against {then.chain_version[:12]}: {now.label}")
    for line in compared(now, then):
        click.echo(f"  {line}")


@click.command()
@name_argument
@run_option
@against_option
@click.option("--autosxs", is_flag=True, help="Let AutoSxS of Vertex AI compare, with --models sandbox or google.")
@options.models
@options.environment
@options.assets
@options.settings
def duel(
    assets: Path,
    settings: Path,
    environment: str,
    models: str,
    name: str,
    key: str | None,
    against: str,
    autosxs: bool,
) -> None:
    """Let the judge say, item by item and in both orders, which of two runs of NAME answers better."""
    from operations.duels import fought, told
    from operations.evaluations import desk

    with desk(assets, settings, name, models, environment) as it:
        now, then = it.kept_run(key) if key else it.run(), it.kept_run(against)
        found = fought(it, now, then, autosxs=autosxs)
    click.echo(f"{now.chain_version[:12]} against {then.chain_version[:12]}: {found.by}")
    for line in told(found):
        click.echo(f"  {line}")


@click.command()
@name_argument
@click.argument("item")
@run_option
@click.option("--from", "step", help="Replay from this step on, with what was recorded before it.")
@options.models
@options.environment
@options.assets
@options.settings
def trace(
    assets: Path, settings: Path, environment: str, models: str, name: str, item: str, key: str | None, step: str | None
) -> None:
    """Show what went in and out at each step of the chain for ITEM of a run of NAME; replay it from a step."""
    import json

    from operations.evaluations import desk
    from operations.tracing import replayed, traced

    with desk(assets, settings, name, models, environment) as it:
        found = it.kept_run(key) if key else it.run()
        steps = replayed(it, found, item, step) if step else traced(found, item)
    for line in steps:
        click.echo(json.dumps(line, ensure_ascii=False))


@click.command()
@name_argument
@run_option
@options.models
@options.environment
@options.assets
@options.settings
def steps(assets: Path, settings: Path, environment: str, models: str, name: str, key: str | None) -> None:
    """Show each step of the chain by itself over a run of NAME: its time, and how good what it gives is."""
    from operations.evaluations import desk
    from operations.tracing import stepwise

    with desk(assets, settings, name, models, environment) as it:
        for line in stepwise(it, it.kept_run(key) if key else it.run()):
            click.echo(line)


@click.command()
@name_argument
@run_option
@against_option
@click.option("--to", type=click.Path(path_type=Path), default=Path(".sandbox/genai/report.html"), show_default=True)
@options.models
@options.environment
@options.assets
@options.settings
def report(
    assets: Path, settings: Path, environment: str, models: str, name: str, key: str | None, against: str, to: Path
) -> None:
    """Write the report of a run beside the one before, as one HTML page."""
    from datetime import date

    from operations.evaluations import desk, reported

    with desk(assets, settings, name, models, environment) as it:
        now, then = it.kept_run(key) if key else it.run(), it.kept_run(against)
        click.echo(reported(it, now, then, it.judged(now, then, date.today()), to))


@click.command()
@name_argument
@run_option
@against_option
@since_option
@options.models
@options.environment
@options.as_json
@options.assets
@options.settings
def gate(
    assets: Path,
    settings: Path,
    as_json: bool,
    environment: str,
    models: str,
    name: str,
    key: str | None,
    against: str,
    since: str | None,
) -> None:
    """Say whether a run may take the release's place: 0 yes, 4 no, 3 neither was shown."""
    import json
    from datetime import date

    from operations.evaluations import desk
    from operations.release_before import before

    with desk(assets, settings, name, models, environment) as it:
        now = it.kept_run(key) if key else it.run()
        then = (before(it, settings, since) or now) if since else it.kept_run(against)
        found = it.judged(now, then, date.today())
    if now.chain_version == then.chain_version:
        click.echo("compared with the same chain: only its limits decide; see --since", err=True)
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


COMMANDS = (run, compare, duel, trace, steps, report, gate)
