"""Labels as the provider keeps them: the configured ones, those with its defaults, and all on the resource."""

from typing import Any

from sandbox.blocks import Block
from sandbox.codec import UNKNOWN, unknown, wholly_known
from sandbox.configuration import ATTRIBUTION, Configuration

_CONFIGURED = ("labels", "resource_labels")


def plan_labels(
    block: Block,
    config: dict[str, Any],
    planned: dict[str, Any],
    prior: dict[str, Any] | None,
    settings: Configuration,
) -> None:
    """Set `terraform_labels`, `effective_labels` and `effective_annotations` in `planned`."""
    if "effective_annotations" in block.attributes and "annotations" in block.attributes:
        planned["effective_annotations"] = _effective(
            config.get("annotations"), prior, "annotations", "effective_annotations"
        )
    if "terraform_labels" not in block.attributes:
        return
    configured = next((name for name in _CONFIGURED if name in block.attributes), None)
    own = config.get(configured) if configured else {}
    if not wholly_known(own) or not wholly_known(settings.default_labels):
        planned["terraform_labels"] = planned["effective_labels"] = UNKNOWN
        return
    labels = {**settings.default_labels, **(own or {})}
    if _attributed(prior, settings):
        labels.setdefault(ATTRIBUTION, "true")
    planned["terraform_labels"] = labels
    if "effective_labels" in block.attributes:
        planned["effective_labels"] = _effective(labels, prior, "terraform_labels", "effective_labels")


def _attributed(prior: dict[str, Any] | None, settings: Configuration) -> bool:
    if prior is None or settings.proactive:
        return settings.attribution
    return settings.attribution and ATTRIBUTION in (prior.get("terraform_labels") or {})


def _effective(wanted: Any, prior: dict[str, Any] | None, managed: str, all_: str) -> Any:
    """What will be on the resource: what is wanted, and what others than Terraform put there."""
    if unknown(wanted) or not wholly_known(wanted):
        return UNKNOWN
    foreign: dict[str, Any] = {}
    if prior is not None:
        ours = prior.get(managed) or {}
        foreign = {key: value for key, value in (prior.get(all_) or {}).items() if key not in ours}
    return {**foreign, **(wanted or {})}
