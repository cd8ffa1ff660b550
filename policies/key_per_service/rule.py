"""A key serves one service, so that withdrawing it stops that service only."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-KEY-1"]
RESOURCES = ["google_kms_crypto_key_iam_member"]
AGENT = re.compile(r"@(gcp-sa-[a-z-]+|gs-project-accounts|bigquery-encryption)\.iam\.")


def wrong(it: Values, house: House) -> object:
    def service(member: str) -> str:
        return member.partition("@")[2]

    key = it.text("crypto_key_id")
    same = house.having(it.type, "crypto_key_id", key) if key else []
    services = {service(one.text("member")) for one in same if AGENT.search(one.text("member"))}
    return len(services) > 1 and sorted(services)
