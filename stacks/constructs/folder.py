"""Folders of the platform, made once by the organization stack and looked up by name everywhere else."""

from __future__ import annotations

from cdktf_cdktf_provider_google.data_google_active_folder import DataGoogleActiveFolder
from cdktf_cdktf_provider_google.folder import Folder as GoogleFolder
from constructs import Construct

from settings.model import Adopted, Organization
from settings.names import Names


class Folder(Construct):
    """A folder that cannot be deleted by accident; `name` is its id `folders/NUMBER`."""

    def __init__(
        self, scope: Construct, id_: str, *, display_name: str, parent: str, adopted: Adopted | None = None
    ) -> None:
        super().__init__(scope, id_)
        if adopted and adopted.adopt == "reference":
            self.name = f"folders/{adopted.id.removeprefix('folders/')}"
            return
        folder = GoogleFolder(self, "folder", display_name=display_name, parent=parent, deletion_protection=True)
        if adopted:
            folder.import_from(adopted.id)
        self.name = folder.name


def folder_of(scope: Construct, environment: str, *, organization: Organization, names: Names) -> str:
    """`folders/NUMBER` of an environment's folder (or "common"), read when the plan is made."""
    adopted = next((a for key, a in organization.existing.folders.items() if key == environment), None)
    if adopted:
        return f"folders/{adopted.id.removeprefix('folders/')}"
    found = DataGoogleActiveFolder(
        scope, f"folder-{environment}", display_name=names.folder(environment), parent=organization.parent
    )
    name: str = found.name
    return name
