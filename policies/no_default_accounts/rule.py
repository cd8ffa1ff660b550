"""No default service account holds a role or runs anything."""

import re

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["IAM-CO-4.1"]
RESOURCES = ["google_*"]
DEFAULT = re.compile(r"\d-compute@developer\.gserviceaccount\.com|\d@cloudbuild\.gserviceaccount|@appspot\.")
# These report who reads a note, or who ran a job; nothing is granted there.
LEFT_OUT = {"google_binary_authorization_attestor", "google_bigquery_job"}


def wrong(it: Values, house: House) -> object:
    return [text for text in it.strings() if DEFAULT.search(text) and it.type not in LEFT_OUT]
