"""The connection of Cloud Build with the repository host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_google.cloudbuildv2_connection import (
    Cloudbuildv2Connection,
    Cloudbuildv2ConnectionGithubConfig,
    Cloudbuildv2ConnectionGithubConfigAuthorizerCredential,
    Cloudbuildv2ConnectionGitlabConfig,
    Cloudbuildv2ConnectionGitlabConfigAuthorizerCredential,
    Cloudbuildv2ConnectionGitlabConfigReadAuthorizerCredential,
)
from cdktf_cdktf_provider_google.cloudbuildv2_repository import Cloudbuildv2Repository
from constructs import Construct

from settings.model import GitHub, GitLab


class RepositoryConnection(Construct):
    """A connection and a repository per entry of `repositories` (key -> name at the host).

    `tokens` maps what a token is for to the version of its secret, whose value people have added. `repository(key)` is
    the repository's id, to be had only once it is connected.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        location: str,
        name: str,
        provider: GitHub | GitLab,
        tokens: Mapping[str, str],
        repositories: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        connection = Cloudbuildv2Connection(
            self, "connection", project=project_id, location=location, name=name, **_host(provider, tokens)
        )
        self._repositories = {
            key: Cloudbuildv2Repository(
                self,
                f"repository-{key}",
                project=project_id,
                location=location,
                name=repository,
                parent_connection=connection.name,
                remote_uri=f"{provider.address}/{repository}.git",
            )
            for key, repository in sorted(repositories.items())
        }

    def repository(self, key: str) -> str:
        """Id of a connected repository."""
        connected: str = self._repositories[key].id
        return connected


def _host(provider: GitHub | GitLab, tokens: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(provider, GitHub):
        credential = Cloudbuildv2ConnectionGithubConfigAuthorizerCredential(oauth_token_secret_version=tokens["token"])
        config = Cloudbuildv2ConnectionGithubConfig(
            app_installation_id=provider.app_installation_id, authorizer_credential=credential
        )
        return {"github_config": config}
    return {
        "gitlab_config": Cloudbuildv2ConnectionGitlabConfig(
            host_uri=provider.uri,
            webhook_secret_secret_version=tokens["webhook"],
            read_authorizer_credential=Cloudbuildv2ConnectionGitlabConfigReadAuthorizerCredential(
                user_token_secret_version=tokens["read-token"]
            ),
            authorizer_credential=Cloudbuildv2ConnectionGitlabConfigAuthorizerCredential(
                user_token_secret_version=tokens["token"]
            ),
        )
    }
