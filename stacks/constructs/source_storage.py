"""A Cloud Storage source: a bucket with its files."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.storage_bucket_object import StorageBucketObject
from constructs import Construct

from stacks.constructs.bucket import Bucket
from stacks.constructs.project import Project
from stacks.constructs.text import literal


class StorageData(Construct):
    """A versioned bucket with a customer key; `examples` maps an object's name to its text."""

    def __init__(
        self, scope: Construct, id_: str, *, project: Project, location: str, bucket: str, examples: Mapping[str, str]
    ) -> None:
        super().__init__(scope, id_)
        made = Bucket(
            self,
            "bucket",
            project_id=project.using("storage"),
            name=bucket,
            location=location,
            kms_key=project.key("storage"),
        )
        for name, content in sorted(examples.items()):
            StorageBucketObject(self, f"example-{name}", bucket=made.name, name=name, content=literal(content))
