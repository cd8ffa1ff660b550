"""Grants name groups and service accounts, never a person or a whole domain."""

from policies.rule import House
from policies.values import Values

SEVERITY = "HIGH"
CONTROLS = ["HOUSE-IAM-4"]
GRANTS = ["google_*_iam_member", "google_*_iam_binding", "google_privileged_access_manager_entitlement"]
DATASETS = ["google_bigquery_dataset", "google_bigquery_dataset_access"]
RESOURCES = GRANTS + DATASETS


def wrong(it: Values, house: House) -> object:
    members = it.all("member") + it.all("members") + it.all("eligible_users.principals")
    mails = it.all("user_by_email") + it.all("access.user_by_email")
    named = [mail for mail in mails if not str(mail).endswith(".gserviceaccount.com")]
    return named + [one for one in members if str(one).startswith(("user:", "domain:"))]
