"""Everything lies in a region of the installation."""

from policies.rule import House
from policies.values import UNKNOWN, Values

SEVERITY = "HIGH"
CONTROLS = ["RM-CO-4.2"]
RESOURCES = ["google_*"]
LEFT_OUT = {"google_bigquery_table"}


def wrong(it: Values, house: House) -> object:
    places = [it.text("location"), it.text("region"), it.text("zone")[:-2]]
    # The location of a table is that of its dataset; the provider only reports it.
    return it.type not in LEFT_OUT and [p for p in places if p and p not in (*house.facts.regions, "global", UNKNOWN)]
