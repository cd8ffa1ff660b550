"""blueprint eval: people who rate, and the judge that is held to them"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options
from scripts.evaluation.running import name_argument, run_option


@click.group()
def review() -> None:
    """Answers as people see them: a form that goes out, ratings that come back."""


@review.command()
@name_argument
@run_option
@click.option("--to", type=click.Path(path_type=Path), required=True, help="The form: FILE.csv or FILE.jsonl.")
@click.option("--size", type=click.IntRange(min=1), default=30, show_default=True, help="How many answers.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which ones.")
@options.assets
@options.settings
def export(assets: Path, settings: Path, name: str, key: str | None, to: Path, size: int, seed: int) -> None:
    """Write a form with answers of a run of NAME, for people to rate. What the judge said is not in it."""
    from operations.evaluations import Desk
    from operations.reviews import exported

    desk = Desk.opened(assets, settings, name)
    run = desk.kept_run(key) if key else desk.run()
    click.echo(f"{exported(run, to, size=size, seed=seed)} answers of run {run.key[:16]} in {to}")


@review.command(name="import")
@name_argument
@click.argument("form", type=click.Path(path_type=Path))
@click.option("--reviewer", required=True, help="Mail address of who has rated, where a row names nobody.")
@run_option
@options.assets
@options.settings
def import_(assets: Path, settings: Path, name: str, form: Path, reviewer: str, key: str | None) -> None:
    """Keep what people said in FORM. Broken and foreign rows are named and left out, and end it with 2."""
    from datetime import date

    from operations.evaluations import Desk
    from operations.reviews import imported
    from settings.problems import InvalidSettings

    desk = Desk.opened(assets, settings, name)
    run = desk.kept_run(key) if key else desk.run()
    kept, empty, problems = imported(desk, run, form, reviewer, date.today())
    click.echo(f"{kept} ratings kept, {empty} rows not filled in, {len(problems)} refused")
    if problems:
        raise InvalidSettings(problems)


@click.command()
@name_argument
@options.models
@options.environment
@options.as_json
@options.assets
@options.settings
def calibrate(assets: Path, settings: Path, as_json: bool, environment: str, models: str, name: str) -> None:
    """Hold the judge of NAME to people's ratings. Ends with 4 where it may not decide, 3 where too few are known."""
    import json

    from operations.evaluations import desk
    from operations.outcome import Exit
    from operations.reviews import calibrated, doubts

    with desk(assets, settings, name, models, environment) as it:
        found = calibrated(it)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        agreed = "too few ratings" if found.kappa is None else f"{found.kappa:.2f}"
        between = "" if found.between_raters is None else f"; people among each other {found.between_raters:.2f}"
        click.echo(f"kappa {agreed} over {found.answers} answers of {found.raters} raters{between}")
        click.echo(f"by place {found.by_place:.0%}, by length {found.by_length:.0%}, unread {found.unread}")
    why = doubts(it, found)
    for reason in why:
        click.echo(reason, err=as_json)
    if why:
        raise click.exceptions.Exit(Exit.REFUSED)
    if found.kappa is None:
        raise click.exceptions.Exit(Exit.INCONCLUSIVE)


COMMANDS = (review, calibrate)
