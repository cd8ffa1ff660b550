"""A project, and the order in which things in it may exist: APIs, then service agents, then key grants, then resources.

The order is carried by values: `using(api)` is the project id that exists once that API is enabled, `key(service)` is
the key id that exists once the service's agent may use it. Who takes these values cannot come too early.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cdktf import Fn, TerraformStack, Token
from cdktf_cdktf_provider_google.data_google_bigquery_default_service_account import (
    DataGoogleBigqueryDefaultServiceAccount,
)
from cdktf_cdktf_provider_google.data_google_project import DataGoogleProject
from cdktf_cdktf_provider_google.data_google_storage_project_service_account import (
    DataGoogleStorageProjectServiceAccount,
)
from cdktf_cdktf_provider_google.kms_crypto_key_iam_member import KmsCryptoKeyIamMember
from cdktf_cdktf_provider_google.project import Project as GoogleProject
from cdktf_cdktf_provider_google.project_service import ProjectService
from cdktf_cdktf_provider_google_beta.google_project_service_identity import GoogleProjectServiceIdentity
from constructs import Construct

from settings.model import Adopted

ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@cache
def agents() -> dict[str, dict[str, str]]:
    """The table of Google's service agents, by service."""
    table: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).parents[1].joinpath("agents.yaml").read_text())
    return table


class Project(Construct):
    """A project with exactly the APIs it needs; no default network, no default service-account grants.

    `keys` maps a service (stacks/agents.yaml) to the key its agent is allowed to use; `identities` lists services whose
    agent has to exist although it needs no key. `adopted` brings in a project that exists already.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        folder: str,
        billing_account: str,
        labels: Mapping[str, str],
        apis: Sequence[str],
        keys: Mapping[str, str] | None = None,
        identities: Sequence[str] = (),
        adopted: Adopted | None = None,
    ) -> None:
        super().__init__(scope, id_)
        keys = keys or {}
        self.id = project_id
        project: Any
        if adopted and adopted.adopt == "reference":
            project = DataGoogleProject(self, "project", project_id=project_id)
        else:
            project = GoogleProject(
                self,
                "project",
                project_id=project_id,
                name=project_id,
                folder_id=folder,
                billing_account=billing_account,
                labels=dict(labels),
                auto_create_network=False,
                deletion_policy="PREVENT",
            )
            if adopted:
                project.import_from(adopted.id)
        self.number: str = project.number
        self._services = {
            api: ProjectService(
                self,
                f"api-{api}",
                project=project.project_id,
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
            )
            for api in sorted(set(apis))
        }
        self._agents = {service: self._agent(service) for service in sorted({*keys, *identities})}
        self._grants = {
            service: KmsCryptoKeyIamMember(
                self, f"key-{service}", crypto_key_id=key, role=ENCRYPTER, member=self._agents[service]
            )
            for service, key in sorted(keys.items())
        }

    def using(self, api: str) -> str:
        """The project id, to be had only once `api` is enabled. KeyError where the project does not enable it."""
        value: str = self._services[api].project
        return value

    def enabled(self, api: str) -> ProjectService:
        """What enables `api`, for who needs a second one. KeyError where the project does not enable it."""
        return self._services[api]

    def after(self, gates: Sequence[Any]) -> None:
        """Everything that uses an API of the project comes after these resources, which use none."""
        for service in self._services.values():
            service.depends_on = [f"{it.terraform_resource_type}.{it.friendly_unique_id}" for it in gates]

    def agent(self, service: str) -> str:
        """IAM member of a service's agent, which exists by then."""
        return self._agents[service]

    def key(self, service: str) -> str:
        """Key id for a service, to be had only once the service's agent may use the key."""
        value: str = self._grants[service].crypto_key_id
        return value

    def _agent(self, service: str) -> str:
        facts = agents()[service]
        api = self._services[service]
        made: Any
        match facts["via"]:
            case "identity":
                made = GoogleProjectServiceIdentity(
                    self,
                    f"agent-{service}",
                    provider=TerraformStack.of(self).node.find_child("google-beta"),
                    project=api.project,
                    service=api.service,
                )
            # Danger: a data source is read during plan unless it depends on something that has yet to change.
            case "storage_data_source":
                made = DataGoogleStorageProjectServiceAccount(
                    self, f"agent-{service}", project=self.id, depends_on=[api]
                )
            case "bigquery_data_source":
                made = DataGoogleBigqueryDefaultServiceAccount(
                    self, f"agent-{service}", project=self.id, depends_on=[api]
                )
            case _:
                address = f"serviceAccount:{facts['address'].format(number=self.number)}"
                # Danger: the agent exists once the API does, which the address alone does not say.
                return Token.as_string(Fn.element([address, api.id], 0))
        member: str = made.member
        return member
