"""Organization Policy: what is in force somewhere, after everything above has had its say."""

from typing import Any

from sandbox.api.call import Call
from sandbox.physics.policies import in_force
from sandbox.physics.world import World

Values = dict[str, Any]


def _effective(call: Call) -> Values:
    """The policy in force, as one rule; nothing to enforce where nobody wrote a policy."""
    node, _, constraint = call.name.partition("/policies/")
    found = in_force(constraint, node, World(call.store))
    rule: Values = {}
    if found.deny_all:
        rule["denyAll"] = True
    elif found.allowed or found.denied:
        values = {"allowedValues": found.allowed, "deniedValues": found.denied}
        rule["values"] = {key: value for key, value in values.items() if value}
    elif found.enforced:
        rule["enforce"] = True
    return {"name": call.name, "spec": {"rules": [rule] if rule else []}}


METHODS = {
    f"orgpolicy.{place}.policies.getEffectivePolicy": _effective for place in ("organizations", "folders", "projects")
}
