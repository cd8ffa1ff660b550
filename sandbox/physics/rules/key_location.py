"""A key protects only what lies where it lies: a region its own region, a multi-region its multi-region."""

from sandbox import facts
from sandbox.physics.change import Change, invalid, project_in
from sandbox.physics.keys import keys_of, location_of
from sandbox.physics.places import place_of
from sandbox.physics.world import World
from sandbox.templates import last

TYPES = None
ACTIONS = ("create", "update")


def check(change: Change, world: World) -> None:
    table = facts.table("keys")
    for place, key in keys_of(change) if change.type not in table["anywhere"] else ():
        wanted = _wanted(change, world)
        if wanted and location_of(key) != wanted:
            message = f"The key {key} is in {location_of(key)}, the resource needs one in {wanted}."
            raise invalid(message, path=place, way_out=f"Use a key of a key ring in {wanted}.")


def _wanted(change: Change, world: World) -> str:
    where = _of_dataset(change, world) if change.type == "google_bigquery_table" else place_of(change)[1]
    found: str = facts.table("keys")["multi_regions"].get(where, where)
    return found


def _of_dataset(change: Change, world: World) -> str:
    """A table lies where its dataset does."""
    dataset = f"projects/{world.project_id(project_in(change.values))}/datasets/{last(change.text('dataset_id'))}"
    return str((world.values("google_bigquery_dataset", dataset) or {}).get("location") or "").lower()
