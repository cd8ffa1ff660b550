"""Organization policies in effect that would refuse this estate, and those that are in the way of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from operations.findings import Check, Finding, Inconclusive
from operations.google_api import Google, Refused
from settings.loading import names_of
from settings.model import Installation

_PAGES = 20


@dataclass(frozen=True)
class Rules:
    """What a policy says, its rules merged; nothing said lets everything through."""

    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    deny_all: bool = False
    enforced: bool = False

    @classmethod
    def of(cls, policy: Mapping[str, Any]) -> Rules:
        """The rules of a policy as orgpolicy v2 answers it."""
        rules: Sequence[Mapping[str, Any]] = policy.get("spec", {}).get("rules", [])
        values = [rule.get("values", {}) for rule in rules]
        return cls(
            frozenset(v for one in values for v in one.get("allowedValues", [])),
            frozenset(v for one in values for v in one.get("deniedValues", [])),
            any(rule.get("denyAll") is True for rule in rules),
            any(rule.get("enforce") is True for rule in rules),
        )


def checks(it: Installation, google: Google, data: Mapping[str, Any]) -> dict[str, Check]:
    """A check for each constraint of the table, and one for policies that are set already."""
    known = _placeholders(it, data)
    found: dict[str, Check] = {"policies in the way": partial(in_the_way, it=it, google=google)}
    for constraint, row in data["org_policies"].items():
        full = {
            **row,
            "constraint": constraint,
            "location_groups": data["location_groups"] if row.get("groups") else {},
        }
        found[f"policy {constraint}"] = partial(conflict, row=full, google=google, known=known)
    return found


def in_the_way(name: str, it: Installation, google: Google) -> Finding:
    """No policy that the organization stack makes is set on the parent yet: Terraform refuses to make what exists."""
    parent, found, token = it.organization.parent, set(), ""
    for _ in range(_PAGES):
        answer = google.get("orgpolicy", f"v2/{parent}/policies", **({"pageToken": token} if token else {}))
        found |= {str(policy.get("name")).rpartition("/")[2] for policy in answer.get("policies", [])}
        token = str(answer.get("nextPageToken") or "")
        if not token:
            break
    if both := sorted(found & set(it.org_policies)):
        kind, _, number = parent.partition("/")
        text = f"set on {parent} already, and Terraform refuses to make what exists: {', '.join(both)}"
        way_out = (
            f"compare each with org_policies.yaml, then: gcloud org-policies delete CONSTRAINT --{kind[:-1]}={number}"
        )
        return Finding(name, "failed", text, way_out)
    return Finding(name, "ok", f"none of {len(it.org_policies)} policies is set on {parent} yet")


def conflict(name: str, row: Mapping[str, Any], google: Google, known: Mapping[str, list[str]]) -> Finding:
    """The policy in effect on the parent lets this estate through."""
    constraint, parent = row["constraint"], known["parent"][0]
    try:
        policy = google.get("orgpolicy", f"v2/{parent}/policies/{constraint}:getEffectivePolicy")
    except Refused as error:
        if error.status != 404:
            raise
        return Finding(name, "ok", "this organization has no such constraint")
    refused = _refused(Rules.of(policy), row, known)
    if refused:
        kind, _, number = parent.partition("/")
        shown = ", ".join(refused[:5]) + (f" and {len(refused) - 5} more" if len(refused) > 5 else "")
        way_out = f"have its owner let it through; see gcloud org-policies describe {constraint} --effective"
        return Finding(name, "failed", f"refuses {shown}, but {row['reason']}", f"{way_out} --{kind[:-1]}={number}")
    return Finding(name, "ok", "lets this estate through")


def _refused(rules: Rules, row: Mapping[str, Any], known: Mapping[str, list[str]]) -> list[str]:
    if row.get("unenforced"):
        return ["it"] if rules.enforced else []
    if rules.deny_all:
        return ["everything"]
    if row.get("some"):
        return []
    needed = [value for need in row["needs"] for value in known.get(need.strip("{}"), [need])]
    refused = [value for value in needed if not _let_through(value, rules, row, known)]
    groups = {v for v in rules.allowed | rules.denied if v.startswith("in:")}
    strange = groups - set(row["location_groups"]) - {f"in:{value}-locations" for value in needed}
    if strange and row["location_groups"] and (refused or strange & rules.denied):
        text = f"names the value groups {', '.join(sorted(strange))}, whose regions are not known here"
        raise Inconclusive(text, f"see that they let {', '.join(refused or needed)} through")
    return refused


def _let_through(value: str, rules: Rules, row: Mapping[str, Any], known: Mapping[str, list[str]]) -> bool:
    places = {"parent": known["parent"][0], "organization": known["organization"][0]}
    spelled = {s.format(value=value, **places) for s in row.get("spelled", ["{value}", "is:{value}"])}
    spelled |= {group for group, regions in row["location_groups"].items() if re.fullmatch(regions, value)}
    if rules.denied & (spelled | {value, f"is:{value}"}):
        return False
    return not rules.allowed or bool(rules.allowed & spelled)


def _placeholders(it: Installation, data: Mapping[str, Any]) -> dict[str, list[str]]:
    names, its = names_of(it), it.organization
    provider = its.repositories.provider
    mails = {str(mail) for mail in its.contacts.model_dump().values()}
    return {
        "apis": sorted({f"{api}.googleapis.com" for apis in it.apis.values() for api in apis}),
        "contact_domains": sorted({f"@{mail.partition('@')[2]}" for mail in mails}),
        "customer": [its.customer_id],
        "key_projects": [f"projects/{names.project(key, 'keys')}" for key in it.environments],
        "network_projects": [f"projects/{names.project(key, 'network')}" for key in it.environments],
        "organization": [f"organizations/{its.organization_id}"],
        "parent": [its.parent],
        "regions": list(its.regions),
        "repository_issuer": [provider.uri if provider.host == "gitlab" else data["issuers"][provider.host]],
    }
