"""Where perimeters say what they hold, and their doors who crosses to what (provider 6.50.0)."""

from __future__ import annotations

from policies.values import Values

PERIMETER = "google_access_context_manager_service_perimeter"
DOORS = [f"{PERIMETER}{half}_{way}_policy" for half in ("", "_dry_run") for way in ("egress", "ingress")]
TYPES = [PERIMETER, f"{PERIMETER}s", *DOORS]


def configurations(it: Values) -> list[Values]:
    """What is enforced and what is rehearsed, of every perimeter of the resource."""
    paths = [f"{several}{half}" for several in ("", "service_perimeters.") for half in ("spec", "status")]
    return [found for path in paths for found in it.blocks(path)]


def sides(it: Values, end: str) -> list[Values]:
    """One end (`from` or `to`) of every door: of doors by themselves, and of those inside a perimeter."""
    found = []
    for way in ("egress", "ingress"):
        inside = [door for one in configurations(it) for door in one.blocks(f"{way}_policies")]
        found += [side for door in (it, *inside) for side in door.blocks(f"{way}_{end}")]
    return found
