"""Composer runs a version that is named to the build, in the shared network, as its own account."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IMG-1", "HOUSE-NET-1"]
RESOURCES = ["google_composer_environment"]


def wrong(it: Values, house: House) -> object:
    pinned = re.search(r"airflow-[\d.]+-build\.\d+$", it.text("config.software_config.image_version"))
    return not (pinned and it.text("config.node_config.service_account") and it.text("config.node_config.subnetwork"))
