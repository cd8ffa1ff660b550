"""A team's Feature Store: a table of features, registered and served with low latency."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_google.bigquery_table import BigqueryTable, BigqueryTableEncryptionConfiguration
from cdktf_cdktf_provider_google.vertex_ai_feature_group import (
    VertexAiFeatureGroup,
    VertexAiFeatureGroupBigQuery,
    VertexAiFeatureGroupBigQueryBigQuerySource,
)
from cdktf_cdktf_provider_google.vertex_ai_feature_group_feature import VertexAiFeatureGroupFeature
from cdktf_cdktf_provider_google.vertex_ai_feature_online_store import (
    VertexAiFeatureOnlineStore,
    VertexAiFeatureOnlineStoreBigtable,
    VertexAiFeatureOnlineStoreBigtableAutoScaling,
)
from cdktf_cdktf_provider_google.vertex_ai_feature_online_store_featureview import (
    VertexAiFeatureOnlineStoreFeatureview,
    VertexAiFeatureOnlineStoreFeatureviewFeatureRegistrySource,
    VertexAiFeatureOnlineStoreFeatureviewFeatureRegistrySourceFeatureGroups,
    VertexAiFeatureOnlineStoreFeatureviewSyncConfig,
)
from constructs import Construct

from stacks.constructs.project import Project

ENTITY, TIMESTAMP = "entity_id", "feature_timestamp"
SCHEMA = [
    {"name": ENTITY, "type": "STRING", "mode": "REQUIRED"},
    {"name": TIMESTAMP, "type": "TIMESTAMP", "mode": "REQUIRED"},
]
HOURLY = "CRON_TZ=UTC 0 * * * *"
FEWEST, MOST = 1, 3
"""Nodes of the online store."""


class FeatureStore(Construct):
    """Features in a table with a customer key, registered in a group and synced to an online store, at least hourly.

    The store answers with the newest row of an entity. It is one of Bigtable, which has no endpoint of its own: it is
    asked by Vertex AI's API alone, inside the perimeter. Pipelines add columns to the table; only the entity and the
    time are fixed. `dataset_id` is the id of a dataset that exists.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        region: str,
        name: str,
        dataset_id: str,
        features: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        table = BigqueryTable(
            self,
            "table",
            project=project.id,
            dataset_id=dataset_id,
            table_id="features",
            schema=json.dumps(SCHEMA),
            deletion_protection=True,
            encryption_configuration=BigqueryTableEncryptionConfiguration(kms_key_name=project.key("bigquery")),
            lifecycle=TerraformResourceLifecycle(ignore_changes=["schema"]),
        )
        uri = f"bq://{project.id}.{dataset_id}.{table.table_id}"
        aiplatform = project.using("aiplatform")
        group = VertexAiFeatureGroup(
            self,
            "group",
            project=aiplatform,
            region=region,
            name=name,
            big_query=VertexAiFeatureGroupBigQuery(
                big_query_source=VertexAiFeatureGroupBigQueryBigQuerySource(input_uri=uri), entity_id_columns=[ENTITY]
            ),
        )
        nodes = VertexAiFeatureOnlineStoreBigtableAutoScaling(min_node_count=FEWEST, max_node_count=MOST)
        store = VertexAiFeatureOnlineStore(
            self,
            "online",
            project=aiplatform,
            region=region,
            name=name,
            bigtable=VertexAiFeatureOnlineStoreBigtable(auto_scaling=nodes),
            force_destroy=False,
        )
        registered = [
            VertexAiFeatureGroupFeature(
                self, f"feature-{one}", project=aiplatform, region=region, feature_group=group.name, name=one
            ).name
            for one in sorted(features)
        ]
        if not registered:
            return
        source = VertexAiFeatureOnlineStoreFeatureviewFeatureRegistrySourceFeatureGroups(
            feature_group_id=group.name, feature_ids=registered
        )
        VertexAiFeatureOnlineStoreFeatureview(
            self,
            "view",
            project=aiplatform,
            region=region,
            name=name,
            feature_online_store=store.name,
            sync_config=VertexAiFeatureOnlineStoreFeatureviewSyncConfig(cron=HOURLY),
            feature_registry_source=VertexAiFeatureOnlineStoreFeatureviewFeatureRegistrySource(feature_groups=[source]),
        )
