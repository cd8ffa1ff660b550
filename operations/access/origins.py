"""Where a decision is written: the file and the key behind the resource that decided."""

from __future__ import annotations

from collections.abc import Iterable

from groups.rules import Rules
from operations.access.words import Words
from sandbox.iam import Decision, Held


def origin(decision: Decision, held: Iterable[Held], words: Words, rules: Rules) -> str | None:
    """`file: key` of what decided; None where nothing did or where a stack says it itself."""
    if not decision.by:
        return None
    found = next((one for one in held if one.address == decision.by[0]), None)
    if found is None:
        return None
    if found.type_ == "google_iam_deny_policy":
        return _of_denial(found, rules)
    if found.type_ == "google_access_context_manager_service_perimeter":
        return "stacks/restricted_services.yaml, and the doors in stacks/exchange.yaml and stacks/workloads.yaml"
    if found.type_ == "google_org_policy_policy":
        return f"settings/org_policies.yaml: {str(found.values.get('name')).rpartition('/')[2]}"
    member, role = str(found.values.get("member")), str(found.values.get("role"))
    return _of_persona(member, role, words) or _of_account(member, words)


def _of_denial(found: Held, rules: Rules) -> str:
    for key, denial in rules.denials.items():
        if f".deny-{key}-" in found.address:
            return f"groups/denials.yaml: {key} ({denial.why})"
    return "stacks/sources.yaml: refused"


def _of_persona(member: str, role: str, words: Words) -> str | None:
    own = {words.names.role(key): f"platform/{key}" for key in read_keys(words)}
    written = own.get(role, role)
    for key, persona in words.personas.items():
        for team in words.it.teams if persona.per_team else [None]:
            if member == f"group:{words.names.group(key, team)}":
                places = [place for place, roles in persona.grants.items() if written in roles]
                return f"groups/{key}.yaml: grants.{places[0]}" if places else f"groups/{key}.yaml"
    return None


def read_keys(words: Words) -> list[str]:
    """Keys of the platform's own roles that personas hold."""
    named = {role for persona in words.personas.values() for roles in persona.grants.values() for role in roles}
    return sorted(role.removeprefix("platform/") for role in named if role.startswith("platform/"))


def _of_account(member: str, words: Words) -> str | None:
    email = member.removeprefix("serviceAccount:")
    account, _, rest = email.partition("@")
    project = rest.partition(".")[0]
    if project == words.names.project("common", "seed") and account.startswith("deploy-"):
        return f"stacks/deployers.yaml: {account.removeprefix('deploy-')}"
    if any(project == words.names.project(place, team) for place in words.it.environments for team in words.it.teams):
        return f"stacks/workloads.yaml: {account}"
    if project in (words.names.project("common", "delivery-i"), words.names.project("common", "delivery-w")):
        return f"stacks/delivery.yaml: builders ({account})"
    return None
