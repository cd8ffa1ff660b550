"""The access policy: where VPC Service Controls keeps its perimeters."""

from __future__ import annotations

from cdktf_cdktf_provider_google.data_google_access_context_manager_access_policy import (
    DataGoogleAccessContextManagerAccessPolicy,
)
from constructs import Construct

from settings.model import Organization


def access_policy_of(scope: Construct, *, organization: Organization) -> str:
    """Number of the platform's access policy: the existing one, or the one that the organization stack made."""
    if number := organization.existing.access_policy:
        return number
    found = DataGoogleAccessContextManagerAccessPolicy(
        scope,
        "access-policy",
        parent=f"organizations/{organization.organization_id}",
        scopes=[organization.parent] if organization.under_folder else None,
    )
    name: str = found.name
    return name
