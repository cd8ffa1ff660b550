"""A service, a job or a function names the account it runs as; else it is the default one."""

from policies.rule import House
from policies.values import UNKNOWN, Values, is_open

SEVERITY = "HIGH"
CONTROLS = ["IAM-CO-4.1"]
ACCOUNTS = {
    "google_cloud_run_v2_job": "template.template.service_account",
    "google_cloud_run_v2_service": "template.service_account",
    "google_cloudfunctions2_function": "service_config.service_account_email",
    "google_dataflow_job": "service_account_email",
}
RESOURCES = [*ACCOUNTS]


def wrong(it: Values, house: House) -> object:
    account = it.text(ACCOUNTS[it.type])
    # Danger: in a plan, what is left out looks like what is known after the apply; the address is written out.
    return "@" not in account and not (is_open(account) and account != UNKNOWN)
