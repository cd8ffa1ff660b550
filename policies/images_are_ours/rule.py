"""What runs comes from the registry of the artifacts project and from nowhere else."""

from policies.image_places import IMAGES, images
from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-IMG-2"]
RESOURCES = [*IMAGES]


def wrong(it: Values, house: House) -> object:
    return [image for image in images(it) if not image.startswith(house.facts.images)]
