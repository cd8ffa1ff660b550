"""A notebook runs an image that is named to the release."""

from policies.rule import House
from policies.values import Values, is_open

SEVERITY = "HIGH"
CONTROLS = ["VAI-CO-4.5"]
RESOURCES = ["google_workbench_instance"]


def wrong(it: Values, house: House) -> object:
    image = it.text("gce_setup.vm_image.name")
    container = it.text("gce_setup.container_image.repository")
    return not (image.startswith("workbench-instances-v") or container or is_open(image)) or bool(
        it.text("gce_setup.vm_image.family")
    )
