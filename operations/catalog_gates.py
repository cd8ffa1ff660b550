"""Gates of the catalog: which version, who, where and how many. OperationFailed with the reason and the way out."""

from __future__ import annotations

from catalog_templates.template import Template
from operations.catalog_deployment import Deployment
from operations.catalog_engine import Engine
from operations.catalog_facts import Place
from operations.catalog_index import Release, today
from operations.catalog_order import Order, people
from operations.catalog_register import ServiceCatalog
from operations.outcome import Exit, OperationFailed
from settings.model import Installation


def must_be_offered(key: str, version: str, release: Release, newest: str | None) -> None:
    """Withdrawn, expired or not yet on offer: not to be ordered; `newest` is what may be ordered instead."""
    way_out = f"order {newest}" if newest and newest != version else "ask the MLOps engineers for a newer version"
    reasons = {"withdrawn": "was withdrawn", "published": "is not on offer yet"}
    text = reasons.get(release.state) or (f"expired on {release.until}" if release.expired(today()) else "")
    if text:
        raise OperationFailed(f"{key} {version}", text, way_out, code=Exit.REFUSED)


def entitled(installation: Installation, order: Order, template: Template) -> None:
    """Who may order what, and where."""
    manifest, person = template.manifest, order.person
    if order.environment not in manifest.environments:
        text = f"is not offered in {order.environment}"
        way_out = f"order it in {', '.join(manifest.environments)}; elsewhere only pipelines change anything"
        raise OperationFailed(f"template '{template.key}'", text, way_out, code=Exit.REFUSED)
    if person.persona not in manifest.orderers:
        way_out = f"ask one of: {', '.join(manifest.orderers)}"
        raise OperationFailed(str(person), f"may not order '{template.key}'", way_out, code=Exit.REFUSED)
    if person.team not in (None, order.team):
        way_out = f"order for {person.team}, or ask team {order.team}"
        raise OperationFailed(str(person), f"is not in team {order.team}", way_out, code=Exit.REFUSED)
    known = people(installation, person.persona, person.team)
    if known and person.address not in known:
        way_out = f"order as one of {', '.join(known)}, or add the address to the group's members in settings"
        raise OperationFailed(person.address, f"is not in {person}", way_out, code=Exit.REFUSED)


def must_be_shared(catalog: ServiceCatalog, template: Template, place: Place) -> None:
    """People find a template only where Service Catalog shares it; nothing else may be ordered."""
    if not catalog.shares(template.key, place.project):
        text, way_out = f"is not shared with {place.project}", "run 'blueprint catalog register'"
        raise OperationFailed(f"template '{template.key}'", text, way_out, code=Exit.REFUSED)


def must_fit_quota(engine: Engine, template: Template, place: Place, made: Deployment | None = None) -> None:
    """No more deployments of a template than a team may have; what is `made` counts those that were begun before."""
    used = [one for one in engine.records(place.project) if one.template == template.key]
    if made:
        used = [one for one in used if (one.created_at, one.name) < (made.created_at, made.name)]
    if len(used) >= template.manifest.quota:
        text = f"has {len(used)} of {template.manifest.quota} '{template.key}' already"
        raise OperationFailed(f"team {place.team}", text, "delete one that is not needed", code=Exit.REFUSED)
