"""An organization policy restricts; it neither allows all, nor resets, nor switches a rule off."""

from policies.rule import House
from policies.values import Values

SEVERITY = "CRITICAL"
CONTROLS = ["HOUSE-RES-3"]
RESOURCES = ["google_org_policy_policy"]
# Not enforcing these two is the strict choice: builds then never run as a shared account.
OPPOSITE = ("cloudbuild.useBuildServiceAccount", "cloudbuild.useComputeServiceAccount")


def wrong(it: Values, house: House) -> object:
    for part in ("spec", "dry_run_spec"):
        off = it.all(f"{part}.rules.allow_all") + it.all(f"{part}.reset")
        unset = [v for v in it.all(f"{part}.rules.enforce") if v in (False, "FALSE")]
        if [value for value in off if value in (True, "TRUE")] or (unset and not it.text("name").endswith(OPPOSITE)):
            return "lifted"
    return None
