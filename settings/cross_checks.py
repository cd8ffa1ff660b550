"""What no file can know alone: checks between the parts of an installation, as far as the parts concerned parse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from settings.folder import read_yaml
from settings.model import Organization, OrgPolicy
from settings.names import CODES, COMMON
from settings.network_checks import network_problems
from settings.parts import ENVIRONMENTS, Parts
from settings.problems import Problem, suggestion
from settings.source_checks import source_problems
from settings.team_checks import name_problems, team_problems

STARTS = {"eu": "europe-", "us": "us-", "asia": "asia-"}
OWN_LABELS = ("application", "environment", "managed-by", "team")


def problems_between(parts: Parts) -> Iterator[Problem]:
    """Every contradiction between the parts, and every name that Google would not take."""
    yield from _environments(parts)
    yield from network_problems(parts)
    yield from team_problems(parts)
    yield from name_problems(parts)
    yield from source_problems(parts)
    yield from _shipped(parts)
    if parts.organization:
        yield from _organization(parts, parts.organization)
    for name, policy in (parts.org_policies or {}).items():
        yield from _policy(parts.place(f"org_policies.yaml.{name}"), policy)


def _environments(parts: Parts) -> Iterator[Problem]:
    for key in ENVIRONMENTS:
        if key not in parts.present["environments"]:
            place = parts.place(f"environments/{key}.yaml")
            yield Problem(place, "is missing", "every installation has all three environments")
    codes = {key: environment.code for key, environment in parts.environments.items()}
    for key, environment in parts.environments.items():
        place = parts.place(f"environments/{key}.yaml")
        expected = "interactive" if key == "interactive" else "operational"
        if environment.kind != expected:
            yield Problem(f"{place}.kind", f"{key} cannot be '{environment.kind}'", f"write '{expected}'")
        if environment.code in CODES.values() or Counter(codes.values())[environment.code] > 1:
            yield Problem(f"{place}.code", f"'{environment.code}' is taken", "give each environment its own")


def _organization(parts: Parts, it: Organization) -> Iterator[Problem]:
    place = parts.place("organization.yaml")
    if not it.under_folder and it.parent != f"organizations/{it.organization_id}":
        way_out = f"write 'organizations/{it.organization_id}' or a folder"
        yield Problem(f"{place}.parent", f"'{it.parent}' is not organization_id", way_out)
    for label in it.labels.keys() & set(OWN_LABELS):
        yield Problem(f"{place}.labels", f"'{label}' is set by the platform", "remove it")
    rings = [f"{e}-{region}" for e in (COMMON, *ENVIRONMENTS) for region in it.regions]
    for ring in it.existing.key_rings:
        if ring not in rings:
            way_out = suggestion(ring, rings, f"known are {', '.join(rings)}")
            yield Problem(f"{place}.existing.key_rings", f"unknown key '{ring}'", way_out)
    starts = (COMMON, "data", *ENVIRONMENTS)
    for key in it.existing.projects:
        if not key.startswith(tuple(f"{start}-" for start in starts)):
            way_out = f"begin it with one of {', '.join(starts)}, for example 'common-logging'"
            yield Problem(f"{place}.existing.projects", f"unknown key '{key}'", way_out)
    for kind in ("folders", "projects", "networks", "key_rings"):
        for id_, count in Counter(adopted.id for adopted in getattr(it.existing, kind).values()).items():
            if count > 1:
                yield Problem(f"{place}.existing.{kind}", f"'{id_}' stands twice", "give each key its own")
    yield from _locations(parts, it)
    domains = _allowed(parts, "essentialcontacts.allowedContactDomains")
    for category, address in it.contacts.model_dump().items():
        if domains == ["@{domain}"] and not address.endswith(f"@{it.domain}"):
            text = f"'{address}' is refused by essentialcontacts.allowedContactDomains"
            yield Problem(f"{place}.contacts.{category}", text, f"use an address of {it.domain} or allow its domain")


def _locations(parts: Parts, it: Organization) -> Iterator[Problem]:
    allowed = _allowed(parts, "gcp.resourceLocations")
    if "in:{multi_region}-locations" not in allowed:
        return
    for region in it.regions:
        own = f"in:{region}-locations"
        if not lies_in(region, it.multi_region) and own not in allowed:
            text = f"'{region}' is outside of multi_region '{it.multi_region}', which gcp.resourceLocations allows"
            yield Problem(parts.place("organization.yaml.regions"), text, f"choose another or allow '{own}' as well")


def lies_in(region: str, multi_region: str) -> bool:
    """Whether Google's value group of a multi-region holds a region. London and Zurich are outside of the EU."""
    return region.startswith(STARTS[multi_region]) and region not in ("europe-west2", "europe-west6")


def _allowed(parts: Parts, policy: str) -> list[str]:
    found = (parts.org_policies or {}).get(policy)
    return found.allow or [] if found else []


def _policy(place: str, policy: OrgPolicy) -> Iterator[Problem]:
    given = [f for f in ("enforce", "allow", "deny", "deny_all") if getattr(policy, f) is not None]
    if len(given) != 1:
        text = f"has {' and '.join(given) or 'no rule'}"
        yield Problem(place, text, "give exactly one of enforce, allow, deny, deny_all")


def _shipped(parts: Parts) -> Iterator[Problem]:
    """The platform counts on the APIs and keys that it is shipped with; an installation may only add to them."""
    own = Path(__file__).parent
    given = {"apis": parts.apis, "keys": parts.keys.model_dump() if parts.keys else None}
    for name, lists in given.items():
        for kind, services in read_yaml(own / f"{name}.yaml", name).items() if lists is not None else ():
            place = parts.place(f"{name}.yaml.{kind}")
            if kind not in (lists or {}):
                yield Problem(place, "is missing", "add it")
                continue
            for service in services:
                if service not in (lists or {})[kind]:
                    yield Problem(place, f"lacks '{service}', which the platform uses", "add it")
