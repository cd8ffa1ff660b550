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
from cdktf_cdktf_provider_google.vertex_ai_feature_online_store import (
    VertexAiFeatureOnlineStore,
    VertexAiFeatureOnlineStoreDedicatedServingEndpoint,
    VertexAiFeatureOnlineStoreDedicatedServingEndpointPrivateServiceConnectConfig,
    VertexAiFeatureOnlineStoreOptimized,
)
from cdktf_cdktf_provider_google.vertex_ai_feature_online_store_featureview import (
    VertexAiFeatureOnlineStoreFeatureview,
    VertexAiFeatureOnlineStoreFeatureviewBigQuerySource,
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


class FeatureStore(Construct):
    """Features in a table with a customer key, registered as a group and synced every hour to an online store.

    The store is reached over private service connect from `callers` only. Pipelines add feature columns to the table;
    only the entity and the time are fixed. `dataset_id` is the id of a dataset that exists.
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
        callers: Sequence[str],
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
        VertexAiFeatureGroup(
            self,
            "group",
            project=aiplatform,
            region=region,
            name=name,
            big_query=VertexAiFeatureGroupBigQuery(
                big_query_source=VertexAiFeatureGroupBigQueryBigQuerySource(input_uri=uri), entity_id_columns=[ENTITY]
            ),
        )
        private = VertexAiFeatureOnlineStoreDedicatedServingEndpointPrivateServiceConnectConfig(
            enable_private_service_connect=True, project_allowlist=sorted(callers)
        )
        store = VertexAiFeatureOnlineStore(
            self,
            "online",
            project=aiplatform,
            region=region,
            name=name,
            optimized=VertexAiFeatureOnlineStoreOptimized(),
            dedicated_serving_endpoint=VertexAiFeatureOnlineStoreDedicatedServingEndpoint(
                private_service_connect_config=private
            ),
            force_destroy=False,
        )
        VertexAiFeatureOnlineStoreFeatureview(
            self,
            "view",
            project=aiplatform,
            region=region,
            name=name,
            feature_online_store=store.name,
            sync_config=VertexAiFeatureOnlineStoreFeatureviewSyncConfig(cron=HOURLY),
            big_query_source=VertexAiFeatureOnlineStoreFeatureviewBigQuerySource(uri=uri, entity_id_columns=[ENTITY]),
        )
