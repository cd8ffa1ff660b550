"""Classes of columns, and what readers see of them."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.bigquery_datapolicy_data_policy import (
    BigqueryDatapolicyDataPolicy,
    BigqueryDatapolicyDataPolicyDataMaskingPolicy,
)
from cdktf_cdktf_provider_google.data_catalog_policy_tag import DataCatalogPolicyTag
from cdktf_cdktf_provider_google.data_catalog_taxonomy import DataCatalogTaxonomy
from constructs import Construct

from stacks.constructs.project import Project
from stacks.source_kinds import ColumnClass


class ColumnClasses(Construct):
    """A policy tag per class; whoever may read a table sees its tagged columns masked, and nobody sees them in clear.

    `classes` maps a class to its description and masking; `tags` maps it to the tag, which exists by then.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        taxonomy: str,
        classes: Mapping[str, ColumnClass],
    ) -> None:
        super().__init__(scope, id_)
        made = DataCatalogTaxonomy(
            self,
            "taxonomy",
            project=project.using("datacatalog"),
            region=location,
            display_name=taxonomy,
            activated_policy_types=["FINE_GRAINED_ACCESS_CONTROL"],
        )
        self.tags: dict[str, str] = {}
        for name, facts in sorted(classes.items()):
            tag = DataCatalogPolicyTag(
                self, f"tag-{name}", taxonomy=made.name, display_name=name, description=facts.description
            )
            BigqueryDatapolicyDataPolicy(
                self,
                f"masking-{name}",
                project=project.using("bigquerydatapolicy"),
                location=location,
                data_policy_id=f"{name}_masked",
                policy_tag=tag.name,
                data_policy_type="DATA_MASKING_POLICY",
                data_masking_policy=BigqueryDatapolicyDataPolicyDataMaskingPolicy(predefined_expression=facts.masking),
            )
            self.tags[name] = tag.name
