"""blueprint synth"""

from pathlib import Path

import click

from scripts import options


@click.command()
@options.settings
@options.out
def command(settings: Path, out: Path) -> None:
    """Write the Terraform JSON of every stack."""
    from operations.synth import synth

    graph = synth(settings, out)
    click.echo(f"{out}: {len(graph.stacks)} stacks, in the order {', '.join(graph.stacks)}")
