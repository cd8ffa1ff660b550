"""An account or group that a resource runs as, lets in or keeps out must exist: of jobs, perimeters, denials."""

import re

from sandbox import facts
from sandbox.physics.accounts import account_exists
from sandbox.physics.change import Change, invalid
from sandbox.physics.references import is_grant
from sandbox.physics.world import World

TYPES = None
ACTIONS = ("create", "update")

_GROUP = re.compile(r"(?:principalSet://goog/group/|group:)([^\s/]+@[^\s/]+)")
_ENDING = ".gserviceaccount.com"


def check(change: Change, world: World) -> None:
    if is_grant(change.type) or change.type in ("google_service_account", "google_project_service_identity"):
        return
    for place, text in change.strings:
        if place[0] in facts.table("references")["unchecked"]:
            continue
        group = _GROUP.fullmatch(text)
        if group and group[1].lower() not in world.groups:
            raise invalid(f"Group {group[1]} does not exist.", path=place, way_out="Make the group before.")
        if not text.endswith(_ENDING) or " " in text or "/" in text.removeprefix("projects/-/serviceAccounts/"):
            continue
        email = text.rpartition("/")[2].removeprefix("serviceAccount:")
        if not account_exists(email, world):
            hint = "Make the account before; depend on it."
            raise invalid(f"Service account {email} does not exist.", path=place, way_out=hint)
