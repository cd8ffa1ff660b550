"""Who takes the identity of an account for Terraform needs Google's permission for it on that account.

It is asked of service accounts, as builds run under; a person at this computer takes any.
"""

from sandbox.configuration import Configuration
from sandbox.iam import decide
from sandbox.physics.change import forbidden
from sandbox.physics.rules.caller_permitted import policies_of
from sandbox.physics.world import World
from sandbox.store import Store

PERMISSION = "iam.serviceAccounts.getAccessToken"


def check(store: Store, settings: Configuration) -> None:
    """Raise Broken where the account that runs Terraform may not take the one that a provider block impersonates."""
    taken = settings.impersonated
    if not settings.acting or not isinstance(taken, str) or taken in ("", settings.acting):
        return
    who, about = f"serviceAccount:{settings.acting}", f"//iam.googleapis.com/projects/-/serviceAccounts/{taken}"
    decision = decide(policies_of(who, World(store)), who, PERMISSION, about)
    if not decision.allowed:
        message = f"Permission '{PERMISSION}' denied on resource '{taken}' (or it may not exist)."
        raise forbidden(
            message, "IAM_PERMISSION_DENIED", way_out=f"Let {who} take it, or act as another: {decision.why}."
        )
