"""Live questions that a look at the traffic proposed for a golden set: a person writes the reference, or rejects them.

An accepted one becomes an item that says where it is from, who wrote its reference and when; the set's owner seals it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import TypeAdapter

from pipelines.genai.drift.watching import Proposed
from pipelines.genai.golden import Item, Live
from settings.loading import parse
from settings.problems import InvalidSettings, Problem, suggestion
from settings.values import Email

FILE = "proposals.jsonl"
MACHINES = ".gserviceaccount.com"


def named(known: Sequence[Proposed], id_: str) -> Proposed:
    """The open proposal of an id. Raises InvalidSettings."""
    found = next((one for one in known if one.id == id_), None)
    if found is None:
        way_out = suggestion(id_, [one.id for one in known], "see 'blueprint eval proposals'")
        raise InvalidSettings([Problem(id_, "is no proposal", way_out)])
    if found.state != "proposed":
        raise InvalidSettings([Problem(id_, f"was {found.state} by {found.decided_by}", "look at the others")])
    return found


def decided(one: Proposed, by: str, day: date, *, accept: bool) -> Proposed:
    """The proposal with a person's decision. Raises InvalidSettings for one by a program."""
    person: str = parse(TypeAdapter(Email), by, "--by")
    if person.endswith(MACHINES):
        raise InvalidSettings([Problem("--by", f"'{person}' is no person", "let a person decide")])
    state = "accepted" if accept else "rejected"
    return one.model_copy(update={"state": state, "decided_by": person, "decided_on": day.isoformat()})


def item_of(done: Proposed, item: Item) -> Item:
    """The item that an accepted proposal becomes, with where it is from."""
    live = Live(asked=done.question, on=done.day, why=done.why, written_by=done.decided_by, day=done.decided_on)
    return item.model_copy(update={"live": live})
