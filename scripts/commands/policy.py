"""blueprint policy"""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options


@click.group()
def command() -> None:
    """What may never happen: rules over plans and templates, and the controls they hold."""


@command.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@options.settings
@options.out
@options.target
@options.as_json
def check(path: Path | None, settings: Path, out: Path, target: str, as_json: bool) -> None:
    """Judge PATH - a plan in JSON, a folder of plans, a Terraform folder - or else the plan of every stack.

    Ends with 4 where something is found that policies/waivers.yaml does not accept, or a row there no longer holds.
    """

    from operations.deploying import Run
    from operations.outcome import Exit
    from operations.policy import check_path, check_plans, plans_of
    from operations.policy_report import as_data, as_text
    from operations.synth import synth
    from operations.target import opened
    from scripts.progress import Shown

    if path:
        checked = check_path(settings, path)
    else:
        graph = synth(settings, out)
        with opened(target, Path.cwd()) as place, Shown("plan", len(graph.stacks)) as shown:
            plans = plans_of(Run(place, shown), graph)
        checked = check_plans(settings, plans)
    click.echo(json.dumps(as_data(checked), indent=2) if as_json else as_text(checked))
    if not checked.verdict.clean:
        raise click.exceptions.Exit(Exit.REFUSED)


@command.command(name="list")
def list_() -> None:
    """Every rule: how much it matters, what it says, which controls it detects a breach of."""
    from operations.policy import rules

    for rule in rules():
        click.echo(f"{rule.severity:<9} {rule.id:<36} {rule.sentence}  [{', '.join(rule.controls)}]")


@command.command()
@options.settings
@click.option("--matrix", type=click.Path(path_type=Path), help="Folder for controls.csv and controls.html.")
def controls(settings: Path, matrix: Path | None) -> None:
    """Which control is held by what. A control that nothing holds, or a mechanism without a control, is an error."""
    from operations import controls as operation

    known = operation.controls(settings)
    click.echo(operation.summary(known))
    for path in operation.write_matrix(known, matrix) if matrix else ():
        click.echo(path)
