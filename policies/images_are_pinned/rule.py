"""What runs is named by its digest, which nobody can move."""

from policies.image_places import IMAGES, images
from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IMG-1"]
RESOURCES = [*IMAGES]


def wrong(it: Values, house: House) -> object:
    return [image for image in images(it) if "@sha256:" not in image]
