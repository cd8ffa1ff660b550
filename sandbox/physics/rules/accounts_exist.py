"""A service account that a resource runs as or lets in must exist: of jobs, builds, machines, perimeters."""

from sandbox import facts
from sandbox.physics.accounts import account_exists
from sandbox.physics.change import Change, invalid
from sandbox.physics.references import is_grant
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")

_ENDING = ".gserviceaccount.com"


def check(change: Change, world: World) -> None:
    if is_grant(change.type) or change.type in ("google_service_account", "google_project_service_identity"):
        return
    for place, text in change.strings:
        if place[0] in facts.table("references")["unchecked"]:
            continue
        if not text.endswith(_ENDING) or " " in text or "/" in text.removeprefix("projects/-/serviceAccounts/"):
            continue
        email = text.rpartition("/")[2].removeprefix("serviceAccount:")
        if not account_exists(email, world):
            hint = "Make the account before; depend on it."
            raise invalid(f"Service account {email} does not exist.", path=place, way_out=hint)
