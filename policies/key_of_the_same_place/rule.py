"""A key lies where the data lies, in the environment of the data."""

import re

from policies.key_places import KEYS
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["SM-CO-6.1", "RM-CO-4.2", "HOUSE-KEY-2"]
RESOURCES = [*KEYS]


def wrong(it: Values, house: House) -> object:
    own = house.facts.environment(it.text("project"))
    place = it.text("location") or it.text("region")
    for key in map(str, it.all(KEYS[it.type])):
        at = re.search(r"/locations/([^/]+)/", key)
        theirs = house.facts.environment(key)
        # The location of a table is that of its dataset; the provider only reports it.
        if at and it.type != "google_bigquery_table" and place not in ("", at[1]) and not place.startswith(at[1]):
            return f"{place} is not {at[1]}"
        if {own, theirs}.isdisjoint({None, "common", "data"}) and own != theirs:
            return f"a key of {theirs} in {own}"
    return None
