"""IAM policies: what Terraform's grants about a resource add up to, and grants made from a policy that is set."""

import json
from collections.abc import Iterator
from typing import Any

from sandbox import creation, facts, physics, planning
from sandbox.api import mapping, stamping
from sandbox.api.call import Call
from sandbox.api.errors import ApiError, invalid, stale
from sandbox.api.mapping import Mapping
from sandbox.api.resources import as_answers
from sandbox.configuration import Configuration
from sandbox.physics.change import Change
from sandbox.templates import digest_of

Values = dict[str, Any]
Grant = tuple[str, str, str]  # role, member, condition as JSON

METHODS = ("getIamPolicy", "setIamPolicy", "testIamPermissions")
_KIND = "iam"


def name(call: Call) -> str:
    """The resource whose policy a method is about."""
    return call.name.removesuffix("/testPermissions").removesuffix("/iam")


def attributes(call: Call) -> dict[str, Any]:
    """What conditions may ask of a request: the roles whose grants a new policy would change."""
    if call.method.leaf != "setIamPolicy":
        return {}
    about = name(call)
    held = set(_held(call, mapping.of_name(call.api.name, about), about))
    changed = held ^ set(_grants(call.body.get("policy", call.body)))
    return {"api": {"iam.googleapis.com/modifiedGrantsByRole": sorted({role for role, _, _ in changed})}}


def answer(call: Call) -> Values:
    """getIamPolicy and setIamPolicy; a stale etag is refused."""
    about = name(call)
    line = mapping.of_name(call.api.name, about)
    if line is None or line.type_ != "google_organization":
        call.get(about)
    if call.method.leaf == "getIamPolicy":
        return _shown(_policy(call, line, about), _asked_version(call))
    with call.resources.writing:
        current = _policy(call, line, about)
        wanted = call.body.get("policy", call.body)
        if wanted.get("etag", current["etag"]) != current["etag"]:
            raise stale(about, bool(call.api.base))
        _versioned(wanted, current)
        with call.store.together():
            _set(call, line, about, wanted)
        return _policy(call, line, about)


def _policy(call: Call, line: Mapping | None, about: str) -> Values:
    gathered: dict[tuple[str, str], set[str]] = {}
    for role, member, condition in _held(call, line, about):
        gathered.setdefault((role, condition), set()).add(member)
    bindings = [
        {"role": role, "members": sorted(members), **({"condition": json.loads(condition)} if condition else {})}
        for (role, condition), members in sorted(gathered.items())
    ]
    version = 3 if any("condition" in binding for binding in bindings) else 1
    beside = call.store.documents.get(_KIND, f"{call.api.name}/{about}") or {}
    policy: Values = {"version": version, "bindings": bindings} | {
        key: value for key, value in beside.items() if key == "auditConfigs"
    }
    return policy | {"etag": stamping.etag(policy)}


def _asked_version(call: Call) -> str:
    """The version of a policy that the caller understands, wherever the API has it told."""
    told = (call.body.get("options") or {}).get("requestedPolicyVersion")
    return str(told or call.asked("options.requestedPolicyVersion") or call.asked("optionsRequestedPolicyVersion"))


def _shown(policy: Values, version: str) -> Values:
    """A policy for who asked for a version: before 3 a condition is only a mark on the name of its role."""
    if version == "3":
        return policy
    return policy | {"version": 1, "bindings": [_marked(binding) for binding in policy["bindings"]]}


def _marked(binding: Values) -> Values:
    if "condition" not in binding:
        return binding
    mark = digest_of(json.dumps(binding["condition"], sort_keys=True)).hex()[:20]
    return {"role": f"{binding['role']}_withcond_{mark}", "members": binding["members"]}


def _versioned(wanted: Values, current: Values) -> None:
    """Refuse what would make or lose a condition without saying that it knows of conditions."""
    new = any(binding.get("condition") for binding in wanted.get("bindings") or ())
    old = "etag" in wanted and current["version"] == 3
    if wanted.get("version") != 3 and (new or old):
        text = "A policy with conditions has to be read and set as version 3."
        raise invalid([("policy.version", text)])


def _held(call: Call, line: Mapping | None, about: str) -> Iterator[Grant]:
    if line is None or not line.iam:
        stored = call.store.documents.get(_KIND, f"{call.api.name}/{about}") or {}
        yield from _grants(stored)
        return
    for _, values in _rows(call, line, about):
        condition = _condition(values)
        for member in values.get("members") or [values["member"]]:
            yield values["role"], member, condition
    found = call.store.get(f"{line.iam['type']}_iam_policy", _parent(line, about))
    if found:
        yield from _grants(json.loads(found.get("policy_data") or "{}"))


def _rows(call: Call, line: Mapping, about: str) -> Iterator[tuple[str, Values]]:
    parent = _parent(line, about)
    for kind in ("member", "binding"):
        for id_, values in call.store.find(f"{line.iam['type']}_iam_{kind}"):
            if id_.startswith(f"{parent}/{values.get('role')}"):
                yield f"{line.iam['type']}_iam_{kind}", values


def _parent(line: Mapping, about: str) -> str:
    template = line.iam.get("parent")
    return mapping.fill(template, line.attributes(about)) if template else about


def _condition(values: Values) -> str:
    found = next(iter(values.get("condition") or []), None)
    return json.dumps({key: value for key, value in found.items() if value}, sort_keys=True) if found else ""


def _grants(policy: Values) -> Iterator[Grant]:
    for binding in policy.get("bindings") or []:
        condition = json.dumps(binding["condition"], sort_keys=True) if binding.get("condition") else ""
        for member in binding.get("members") or []:
            yield binding["role"], member, condition


def _set(call: Call, line: Mapping | None, about: str, policy: Values) -> None:
    if line is None or not line.iam:
        call.store.documents.put(_KIND, f"{call.api.name}/{about}", {k: v for k, v in policy.items() if k != "etag"})
        return
    wanted, kept = set(_grants(policy)), set()
    for type_, values in list(_rows(call, line, about)):
        held = {(values["role"], member, _condition(values)) for member in values.get("members") or [values["member"]]}
        kept |= held & wanted
        if held <= wanted:
            continue
        if left := sorted(member for _, member, _ in held & wanted):
            call.store.put(type_, str(values["id"]), values | {"members": left})
        else:
            call.store.delete(type_, str(values["id"]))
    for grant in sorted(wanted - kept):
        _make(call, line, about, grant)


def _make(call: Call, line: Mapping, about: str, grant: Grant) -> None:
    type_ = f"{line.iam['type']}_iam_member"
    template = str(facts.of(type_)["id"]).removesuffix("/{role}/{member}")
    found = mapping.pattern(template).fullmatch(_parent(line, about))
    if found is None:
        raise ApiError(400, f"{about}: its grants have no form that Terraform knows; use {type_} instead.")
    role, member, condition = grant
    block = call.resources.block(type_)
    config: Values = found.groupdict() | {"role": role, "member": member}
    if condition:
        blank = dict.fromkeys(block.nested["condition"].block.attributes)
        config["condition"] = [blank | json.loads(condition)]
    planned = planning.plan(block, config, None)
    with as_answers():
        physics.check(call.store, Change(type_, "create", planned))
        values = creation.create(call.store, type_, block, planned, Configuration(), None)
    call.store.documents.put(type_, str(values["id"]), {})
