"""Everything lies in a region of the installation."""

import re

from policies.rule import House
from policies.values import Values, is_open

SEVERITY = "HIGH"
CONTROLS = ["RM-CO-4.2"]
RESOURCES = ["google_*"]
LEFT_OUT = {"google_bigquery_table"}


def wrong(it: Values, house: House) -> object:
    places = [it.text("location"), it.text("region"), it.text("zone")]
    if it.type == "google_spanner_instance":
        places.append(it.text("config").rpartition("/")[2].removeprefix("regional-"))
    regions = [re.sub("-[a-z]$", "", place) for place in places if place not in ("", "global")]
    # The location of a table is that of its dataset; the provider only reports it.
    return it.type not in LEFT_OUT and [r for r in regions if r not in house.facts.regions and not is_open(r)]
