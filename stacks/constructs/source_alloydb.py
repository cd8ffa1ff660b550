"""An AlloyDB source: a cluster that is read through a read pool, over private service connect."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.alloydb_cluster import (
    AlloydbCluster,
    AlloydbClusterAutomatedBackupPolicy,
    AlloydbClusterAutomatedBackupPolicyEncryptionConfig,
    AlloydbClusterContinuousBackupConfig,
    AlloydbClusterContinuousBackupConfigEncryptionConfig,
    AlloydbClusterEncryptionConfig,
    AlloydbClusterPscConfig,
)
from cdktf_cdktf_provider_google.alloydb_instance import (
    AlloydbInstance,
    AlloydbInstanceClientConnectionConfig,
    AlloydbInstanceClientConnectionConfigSslConfig,
    AlloydbInstanceMachineConfig,
    AlloydbInstancePscInstanceConfig,
    AlloydbInstancePscInstanceConfigPscAutoConnections,
    AlloydbInstanceReadPoolConfig,
)
from cdktf_cdktf_provider_google.alloydb_user import AlloydbUser
from constructs import Construct

from stacks.constructs.project import Project

FLAGS = {"alloydb.iam_authentication": "on"}
READER = ["alloydbiamuser", "pg_read_all_data"]


class AlloyDBData(Construct):
    """A cluster with a customer key for data and backups, database logins by IAM only, no address in any network.

    `networks` maps a host project to its number and its network's link: from there the read pool can be reached.
    `readers` are e-mails of service accounts that read every table and write none.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: Project,
        location: str,
        cluster: str,
        description: str,
        cpu_count: int,
        networks: Mapping[str, tuple[str, str]],
        readers: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        key = project.key("alloydb")
        made = AlloydbCluster(
            self,
            "cluster",
            project=project.using("alloydb"),
            location=location,
            cluster_id=cluster,
            display_name=description,
            deletion_policy="DEFAULT",
            psc_config=AlloydbClusterPscConfig(psc_enabled=True),
            encryption_config=AlloydbClusterEncryptionConfig(kms_key_name=key),
            continuous_backup_config=AlloydbClusterContinuousBackupConfig(
                enabled=True,
                recovery_window_days=14,
                encryption_config=AlloydbClusterContinuousBackupConfigEncryptionConfig(kms_key_name=key),
            ),
            automated_backup_policy=AlloydbClusterAutomatedBackupPolicy(
                enabled=True,
                location=location,
                encryption_config=AlloydbClusterAutomatedBackupPolicyEncryptionConfig(kms_key_name=key),
            ),
        )
        shared = {
            "cluster": made.name,
            "database_flags": FLAGS,
            "machine_config": AlloydbInstanceMachineConfig(cpu_count=cpu_count),
            "client_connection_config": AlloydbInstanceClientConnectionConfig(
                require_connectors=True,
                ssl_config=AlloydbInstanceClientConnectionConfigSslConfig(ssl_mode="ENCRYPTED_ONLY"),
            ),
        }
        primary = AlloydbInstance(self, "primary", instance_id="primary", instance_type="PRIMARY", **shared)
        AlloydbInstance(
            self,
            "readers",
            instance_id="readers",
            instance_type="READ_POOL",
            # Danger: a pool of one node can only be zonal, and regional is the default.
            availability_type="ZONAL",
            read_pool_config=AlloydbInstanceReadPoolConfig(node_count=1),
            psc_instance_config=AlloydbInstancePscInstanceConfig(
                allowed_consumer_projects=[number for _, (number, _) in sorted(networks.items())],
                psc_auto_connections=[
                    AlloydbInstancePscInstanceConfigPscAutoConnections(consumer_project=host, consumer_network=link)
                    for host, (_, link) in sorted(networks.items())
                ],
            ),
            depends_on=[primary],
            **shared,
        )
        for reader, email in sorted(readers.items()):
            AlloydbUser(
                self,
                f"reader-{reader}",
                cluster=made.name,
                user_id=email.removesuffix(".gserviceaccount.com"),
                user_type="ALLOYDB_IAM_USER",
                database_roles=READER,
                depends_on=[primary],
            )
