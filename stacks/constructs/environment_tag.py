"""The tag that says which environment a folder is."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.tags_tag_binding import TagsTagBinding
from cdktf_cdktf_provider_google.tags_tag_key import TagsTagKey
from cdktf_cdktf_provider_google.tags_tag_value import TagsTagValue
from constructs import Construct


class EnvironmentTag(Construct):
    """A tag key of the organization with one value per folder, bound to it. `folders` maps a value to `folders/ID`."""

    def __init__(
        self, scope: Construct, id_: str, *, organization_id: str, short_name: str, folders: Mapping[str, str]
    ) -> None:
        super().__init__(scope, id_)
        key = TagsTagKey(
            self,
            "key",
            parent=f"organizations/{organization_id}",
            short_name=short_name,
            description="The environment of the platform that a resource belongs to",
        )
        for name, folder in sorted(folders.items()):
            value = TagsTagValue(self, f"value-{name}", parent=key.id, short_name=name)
            TagsTagBinding(
                self,
                f"folder-{name}",
                parent=f"//cloudresourcemanager.googleapis.com/{folder}",
                tag_value=value.id,
            )
