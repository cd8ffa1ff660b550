"""Service perimeters on every call: what is enforced refuses, what is a dry run is only noted down."""

from sandbox import violations
from sandbox.api.call import Facade
from sandbox.api.errors import ApiError, prohibited
from sandbox.errors import SandboxError
from sandbox.iam.decision import service_of
from sandbox.iam.origins import origin

HEADER = "x-sandbox-origin"
"""Where a request comes from: `internet`, `workplace`, or `projects/ID` for the network of a project."""


def check(facade: Facade, who: str, headers: dict[str, str], permission: str, about: str) -> None:
    """Refuse a call that no perimeter's rule lets pass, as Google does; a dry run writes a line and lets it pass."""
    perimeters, policies = facade.perimeters(), facade.policies()
    if not any(half.members for half in perimeters.halves):
        return
    try:
        source = origin(who, headers.get(HEADER, ""))
    except SandboxError as problem:
        raise ApiError(400, f"{HEADER}: {problem}") from None
    places, identities = policies.places, policies.groups.identities(who)
    refusal = perimeters.refusal(identities, permission, places.plain(about), source, places)
    if refusal is None:
        return
    id_ = violations.note(facade.store, refusal, who, source, permission, about)
    if not refusal.dry_run:
        raise prohibited(id_, service_of(permission), str(refusal))
