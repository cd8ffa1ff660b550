"""A notebook is in the shared network of the interactive environment."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.8"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    subnet = it.text("gce_setup.network_interfaces.subnet")
    same = house.facts.environment(subnet) == house.facts.environment(it.text("project"))
    return not subnet or not same or it.text("project") in subnet.split("/")
