"""blueprint drift"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options

alpha_option = click.option("--alpha", type=click.FloatRange(0.0001, 0.2), default=0.01, show_default=True)


@click.group()
def command() -> None:
    """Drift: have the questions of today moved from those that were evaluated?"""


@command.command()
@click.option("--traffic", type=click.Path(path_type=Path), required=True, help="Log of live questions, JSON lines.")
@click.option("--reference", type=click.Path(path_type=Path), help="Log of the time of the evaluation.")
@click.option("--golden", default="handbook", show_default=True, help="Golden set, where there is no such log.")
@alpha_option
@click.option(
    "--size", type=click.IntRange(min=20), default=1000, show_default=True, help="Lines of each log, at most."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which ones.")
@options.embedding
@options.models
@options.environment
@options.as_json
@options.assets
@options.settings
def run(
    assets: Path,
    settings: Path,
    as_json: bool,
    environment: str,
    models: str,
    embedding: str,
    seed: int,
    size: int,
    alpha: float,
    golden: str,
    reference: Path | None,
    traffic: Path,
) -> None:
    """Test live questions against the reference. Ends with 4 if they have moved."""
    from operations.drifting import compared, event
    from operations.embeddings import chosen
    from operations.model_places import reached
    from operations.outcome import Exit
    from settings.loading import read

    with reached(models, read(settings), environment) as place:
        embed = chosen(settings, environment, place, embedding)
        found = compared(assets, settings, golden, traffic, reference, alpha=alpha, size=size, seed=seed, embed=embed)
    if as_json:
        click.echo(event(traffic, found))
    for moved in () if as_json else found:
        click.echo(
            f"{moved.test:<12} p={moved.p:<8.4f} {moved.statistic:>10.4f}  {'MOVED' if moved.drifted else ''}".rstrip()
        )
    shifted = sum(moved.drifted for moved in found)
    if not as_json:
        click.echo(f"{shifted} of {len(found)} tests say that the questions have moved, alpha {alpha}")
    if shifted:
        raise click.exceptions.Exit(Exit.REFUSED)


@command.command()
@click.option("--to", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--shift", default="none", show_default=True, help="none, topic, vocabulary or length.")
@click.option("--share", type=click.FloatRange(0, 1), default=0.4, show_default=True, help="Share that is shifted.")
@click.option("--size", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def simulate(to: Path, shift: str, share: float, size: int, seed: int) -> None:
    """Write made-up traffic whose shift is known."""
    from operations.drifting import simulated

    click.echo(simulated(to, size=size, seed=seed, shift=shift, share=share))


@command.command()
@click.option("--runs", type=click.IntRange(20, 5000), default=300, show_default=True)
@click.option("--alpha", type=click.FloatRange(0.01, 0.2), default=0.05, show_default=True)
@click.option("--power", is_flag=True, help="Show power curves too.")
def calibrate(runs: int, alpha: float, power: bool) -> None:
    """Show how often each test gives a false alarm. Ends with 4 if one does more often than chance allows."""
    from operations.drifting import calibrated, powers
    from operations.outcome import Exit

    kept = True
    for rate, good in calibrated(runs, alpha):
        kept &= good
        click.echo(f"{rate.test:<12} {rate.rejected:>4} of {rate.runs}  {'' if good else 'TOO MANY'}".rstrip())
    for rate in powers(max(20, runs // 6), alpha) if power else ():
        click.echo(f"{rate.shift:<10} {rate.size:<6} {rate.test:<12} {rate.share:.2f}")
    if not kept:
        raise click.exceptions.Exit(Exit.REFUSED)
