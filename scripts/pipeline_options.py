"""Options that the commands of `blueprint pipeline` share."""

from __future__ import annotations

import click

team = click.option("--team", required=True, help="Whose pipeline.")
environment = click.option("--environment", default="nonproduction", show_default=True, help="Where.")
image = click.option("--image", help="The team's container by digest, NAME@sha256:...; default: the approved one.")
orchestrator = click.option(
    "--orchestrator", type=click.Choice(["vertex", "composer", "inprocess"]), help="Default: the team's own."
)
published_for = click.option(
    "--orchestrator", type=click.Choice(["vertex", "composer"]), help="Default: the team's own."
)
parameters = click.option("--parameters", default="", help="Chosen parameters as JSON, for example '{\"seed\": 3}'.")
run_name = click.option("--run", "run", default="", help="Name of the run; an interrupted one continues by its name.")
person = click.option("--as", "person", default="", metavar="E-MAIL", help="In the sandbox: who does it.")


def step(name: str, seconds: float) -> None:
    """Tells that a step has finished."""
    click.echo(f"  {seconds:6.1f} s  {name}", err=True)
