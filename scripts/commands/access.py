"""blueprint access"""

from __future__ import annotations

import json
from pathlib import Path

import click

from scripts import options


@click.group()
def command() -> None:
    """Who may do what, asked of the synthesized stacks.

    WHO is a persona (data-scientist, data-scientist:churn), a workload (interactive/churn/notebook), user:E-MAIL or
    serviceAccount:E-MAIL. WHERE is a place (interactive), a project (interactive/churn), something in it
    (interactive/churn/bucket/staging) or a full resource name.
    """


@command.command()
@click.argument("who")
@click.argument("permission")
@click.argument("where")
@click.option("--from", "origin", help="Ask the perimeters too: internet, workplace, or a project (interactive/churn).")
@options.settings
@options.out
@options.as_json
def can(who: str, permission: str, where: str, origin: str | None, settings: Path, out: Path, as_json: bool) -> None:
    """Tell whether WHO may use PERMISSION at WHERE, and why. Exit codes: 0 yes, 4 no, 3 not known."""
    from operations.access.asking import access_of

    told = access_of(settings, out).can(who, permission, where, origin)
    click.echo(json.dumps(told.as_dict(), indent=2) if as_json else "\n".join(told.lines()))
    raise click.exceptions.Exit(told.code)


@command.command()
@click.argument("permission")
@click.argument("where")
@options.settings
@options.out
@options.as_json
def who(permission: str, where: str, settings: Path, out: Path, as_json: bool) -> None:
    """List who may use PERMISSION at WHERE, and why."""
    from operations.access.asking import access_of

    found = access_of(settings, out).who(permission, where)
    if as_json:
        click.echo(json.dumps([told.as_dict() for told in found], indent=2))
        return
    for told in found:
        click.echo("\n".join(told.lines()))
    click.echo(f"{len(found)} may use {permission} at {where}")


@command.command()
@click.option("--tables", type=click.Path(path_type=Path), help="Folder for access.csv and access.html.")
@options.settings
@options.out
@options.as_json
def matrix(tables: Path | None, settings: Path, out: Path, as_json: bool) -> None:
    """Show every persona's capabilities in every environment."""
    from operations.access.asking import access_of
    from operations.access.matrix import as_document, as_sheet, as_table
    from operations.access.matrix import matrix as asked
    from operations.sheets import write_sheet

    found = asked(access_of(settings, out))
    click.echo(json.dumps(as_document(found), indent=2) if as_json else "\n".join(as_table(found)))
    for path in write_sheet(as_sheet(found), tables, "access") if tables else ():
        click.echo(path, err=as_json)


@command.command()
@options.settings
@options.out
def questions(settings: Path, out: Path) -> None:
    """Ask every question of groups/questions.yaml, and hold workloads against their limits.

    Exit code 4 where an answer is not the wanted one, or a workload holds more than groups/workload_limits.yaml allows.
    """
    from operations.access.asking import access_of
    from operations.access.questions import read_questions, wrong
    from operations.access.workload_limits import read_limits, workload_problems

    asked, access = read_questions(), access_of(settings, out)
    found, beyond = wrong(access, asked), list(workload_problems(access, read_limits()))
    for problem in beyond:
        click.echo(str(problem))
    for question, told in found:
        click.echo("\n".join([f"{question} (wanted: {question.expected.value})", *told.lines()]))
    click.echo(f"{len(asked)} questions, {len(found)} answered otherwise than their requirement wants")
    click.echo(f"{len(beyond)} grants to workloads beyond their limits")
    raise click.exceptions.Exit(4 if found or beyond else 0)


@command.command()
@click.argument("repository")
@click.option("--team", help="Whose repository, for REPOSITORY team.")
@options.settings
def owners(repository: str, team: str | None, settings: Path) -> None:
    """Print the CODEOWNERS file of REPOSITORY: infrastructure, templates, containers or team."""
    from operations.access.owners import owners_of

    click.echo(owners_of(settings, repository, team), nl=False)
