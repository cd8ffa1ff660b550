"""blueprint eval: live answers, looked at again and again"""

from __future__ import annotations

from pathlib import Path

import click

from scripts import options
from scripts.evaluation.running import name_argument


@click.command()
@name_argument
@click.option("--traffic", required=True, help="Log of live answers, JSON lines: a file, or gs://BUCKET/FOLDER.")
@click.option("--size", type=click.IntRange(min=20), default=200, show_default=True, help="How many are looked at.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which ones.")
@click.option("--alpha", type=click.FloatRange(0.0001, 0.2), default=0.01, show_default=True)
@click.option("--margin", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="What may be lost.")
@click.option("--days", type=click.IntRange(min=1), help="Of a bucket, only what was logged in so many days.")
@options.embedding
@options.models
@options.environment
@options.assets
@options.settings
def watch(
    assets: Path,
    settings: Path,
    environment: str,
    models: str,
    embedding: str,
    days: int | None,
    margin: float,
    alpha: float,
    seed: int,
    size: int,
    traffic: str,
    name: str,
) -> None:
    """Sample live answers, score them, and say whether they or the questions are others than those of the release.

    Each finding is a line of JSON for the log. Ends with 4 where answers have decayed or questions have moved.
    """
    from datetime import date, timedelta

    from operations.embeddings import chosen
    from operations.evaluations import desk
    from operations.outcome import Exit
    from operations.watching import watched

    since = date.today() - timedelta(days - 1) if days else None
    with desk(assets, settings, name, models, environment) as it:
        embed = chosen(settings, environment, it.place, embedding)
        found = watched(it, traffic, size=size, seed=seed, alpha=alpha, margin=margin, embed=embed, since=since)
    for line in found.logged:
        click.echo(line)
    click.echo(f"{len(found.proposals)} questions proposed for the golden set", err=True)
    if found.moved or found.decayed:
        raise click.exceptions.Exit(Exit.REFUSED)


@click.command("start-watch")
@name_argument
@options.environment
@options.target
@click.option("--image", required=True, help="The builder's image, which holds this program.")
@options.assets
@options.settings
def start_watch(assets: Path, settings: Path, image: str, target: str, environment: str, name: str) -> None:
    """Start `eval watch` as a job in the team's project, over the traffic that the application has logged there."""
    from operations.watching import submitted

    click.echo(submitted(assets, settings, name, environment, target, image))


@click.command()
@name_argument
@options.models
@options.environment
@options.assets
@options.settings
def proposals(assets: Path, settings: Path, environment: str, models: str, name: str) -> None:
    """List the live questions that the golden set of evaluation NAME lacks; Vertex AI's come from the team's bucket."""
    from operations.evaluations import desk
    from operations.watching import brought

    with desk(assets, settings, name, models, environment) as it:
        found, new, golden = *brought(it), it.evaluation.golden.name
    left = [one for one in found if one.state == "proposed"]
    for one in left:
        click.echo(f"{one.id} {one.day or '-':<10}  {one.question}\n  - {one.answer}\n  {one.why}")
    way_on = f"a person takes one with 'blueprint eval accept {golden} ID', or leaves it with 'eval reject {golden} ID'"
    click.echo(f"{len(left)} proposed, {new} of them new; {way_on}", err=True)


golden_argument, proposal_argument = click.argument("name"), click.argument("proposal")
by_option = click.option("--by", required=True, help="Mail address of the person who decides.")


@click.command()
@golden_argument
@proposal_argument
@by_option
@click.option("--reference", required=True, help="The right answer, as this person writes it.")
@click.option("--topic", required=True)
@click.option("--kind", required=True, help="Kind of question, as other items have it.")
@click.option("--question", help="The question, reworded; default: as it was asked.")
@click.option("--source", "sources", multiple=True, help="Document that the reference rests on; none if unanswerable.")
@click.option("--evidence", default="", help="The sentence of it.")
@click.option("--split", type=click.Choice(["develop", "test", "vault"]), default="test", show_default=True)
@click.option("--item", help="Id of the item; default: of the proposal.")
@options.assets
@options.settings
def accept(
    assets: Path,
    settings: Path,
    name: str,
    proposal: str,
    by: str,
    item: str | None,
    question: str | None,
    sources: tuple[str, ...],
    **given: str,
) -> None:
    """Make PROPOSAL an item of golden set NAME. Refused if it is a duplicate, is seen by a model, or holds defects."""
    from datetime import date

    from operations.live_questions import accepted

    told = {key: value for key, value in (("id", item), ("question", question)) if value}
    new = accepted(assets, settings, name, proposal, by, date.today(), sources=list(sources), **told, **given)
    click.echo(
        f"{new.id} of split {new.split}, by {by}; look at it, then run 'blueprint eval seal {name}', and evaluate again"
    )


@click.command()
@golden_argument
@proposal_argument
@by_option
@options.assets
@options.settings
def reject(assets: Path, settings: Path, name: str, proposal: str, by: str) -> None:
    """Leave golden set NAME without PROPOSAL, which is not proposed again."""
    from datetime import date

    from operations.live_questions import rejected

    done = rejected(assets, settings, name, proposal, by, date.today())
    click.echo(f"{done.id}: {done.state} by {done.decided_by}")


COMMANDS = (watch, start_watch, proposals, accept, reject)
