"""Where the adapters of Vertex AI go, and what its failures mean here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.genai.writer import ModelFailed

SECONDS, ATTEMPTS = 120, 4
BUSY = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Place:
    """A project and region. `label` says in results what answers there: Google, or the sandbox's stand-ins.

    Pipeline jobs run as `service_account` in `network`, encrypt with `key` and keep what they read and write in
    `bucket`; results lie in `dataset`.
    """

    project: str
    region: str
    label: str
    bucket: str = ""
    service_account: str = ""
    dataset: str = ""
    network: str = ""
    key: str = ""

    @property
    def parent(self) -> str:
        """The name that resources begin with."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def job(self) -> dict[str, Any]:
        """What every pipeline job of the project has."""
        encrypted = {"encryption_spec": {"kms_key_name": self.key}} if self.key else {}
        inside = {"network": self.network} if self.network else {}
        return {"service_account": self.service_account, **inside, **encrypted}

    def model(self, name: str) -> str:
        """The full name of a model of Google's."""
        return f"{self.parent}/publishers/google/models/{name}"

    @cached_property
    def genai(self) -> Any:
        """The client of google-genai. What is busy or down for a moment is asked again."""
        from google import genai
        from google.genai.types import HttpOptions, HttpRetryOptions

        options = HttpOptions(
            timeout=SECONDS * 1000, retry_options=HttpRetryOptions(attempts=ATTEMPTS, initial_delay=0.2)
        )
        return genai.Client(vertexai=True, project=self.project, location=self.region, http_options=options)

    @cached_property
    def session(self) -> Any:
        """Requests as who runs this, for what no client library of Google's asks; what is busy is asked again too."""
        import google.auth
        from google.auth.transport.requests import AuthorizedSession
        from requests.adapters import HTTPAdapter
        from urllib3 import Retry

        found = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])[0]
        session = AuthorizedSession(found)  # type: ignore[no-untyped-call]
        again = Retry(
            ATTEMPTS - 1, read=0, backoff_factor=0.2, status_forcelist=BUSY, allowed_methods=None, raise_on_status=False
        )
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=again))
        return session

    def service(self, name: str, version: str = "v1") -> Any:
        """A client of the API, such as `EvaluationServiceClient`."""
        from importlib import import_module

        kind = getattr(import_module(f"google.cloud.aiplatform_{version}"), name)
        return kind(client_options={"api_endpoint": f"{self.region}-aiplatform.googleapis.com"})


@contextmanager
def told(what: str) -> Iterator[None]:
    """What Google refuses, and silence, as ModelFailed with Google's words."""
    import httpx
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError
    from google.genai.errors import APIError
    from requests.exceptions import RequestException

    try:
        yield
    except APIError as error:
        raise ModelFailed(f"{what}: {error.code} {error.message}") from None
    except GoogleAPICallError as error:
        raise ModelFailed(f"{what}: {error.code} {error.message}") from None
    except (httpx.HTTPError, RequestException, RetryError, GoogleAuthError) as error:
        raise ModelFailed(f"{what}: does not answer ({type(error).__name__})") from None
