"""How a build reads the repository it was started for: Cloud Build checks out one commit and leaves no login behind."""

from __future__ import annotations

import base64
import os
from urllib.parse import urlsplit

from cloudbuild.pipelines import REPOSITORY
from operations.google_words import credentials, told

ROLE = "roles/cloudbuild.readTokenAccessor"


def login(remote: str) -> dict[str, str]:
    """The environment in which Git may read `remote`: with a token of Cloud Build's for the repository of this build.

    Outside of a build, and where no host is asked, there is nothing to add. OperationFailed where no token is given.
    """
    repository, place = os.environ.get(REPOSITORY, ""), urlsplit(remote)
    if not repository or place.scheme not in ("https", "http"):
        return {}
    from google.cloud.devtools.cloudbuild_v2 import RepositoryManagerClient

    with told(repository, refused=f"give this build's account {ROLE}"):
        client = RepositoryManagerClient(credentials=credentials(repository))
        token = client.fetch_read_token(repository=repository).token
    spelled = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    # Danger: an argument would show the token to every process; without the host, a redirect would take it elsewhere.
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{place.scheme}://{place.netloc.rpartition('@')[2]}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {spelled}",
    }
