"""Calling Google's APIs with the standard library: one call, ten seconds, no retry, and Google's own words."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from operations.findings import Inconclusive
from operations.outcome import Exit, OperationFailed

ENDPOINT = "BLUEPRINT_GOOGLE_ENDPOINT"
LOCAL = ("127.0.0.1", "localhost", "::1")
_LONGEST = 16 * 1024 * 1024
_WAYS_OUT = {
    400: "check the ids in the settings; if they are right, please report this",
    401: "log in again: gcloud auth application-default login",
    403: "ask an administrator for this permission, or have the API enabled",
    404: "check the ids in the settings",
    429: "wait a minute and run it again",
}
Json = dict[str, Any]


class Unreachable(Inconclusive):
    """Nothing answered: no network, no name, no connection, or not in time."""


class Refused(Inconclusive):
    """Google answered with an error."""

    def __init__(self, status: int, text: str, way_out: str) -> None:
        self.status = status
        super().__init__(text, way_out)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Danger: a redirect would carry the token to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Google:
    """Google's APIs for one caller. `hosts` maps a service to its address; `endpoint` replaces them all."""

    token: str = field(repr=False)
    hosts: dict[str, str]
    quota_project: str = ""
    endpoint: str = ""
    seconds: float = 10

    def get(self, service: str, path: str, **query: str | list[str]) -> Json:
        """One read. Refused with Google's message, Unreachable, or Inconclusive where the answer is no JSON."""
        spelled = f"?{urllib.parse.urlencode(query, doseq=True)}" if query else ""
        return self._ask(service, path + spelled, None)

    def post(self, service: str, path: str, body: Json) -> Json:
        """One call that changes something; fails as `get` does."""
        return self._ask(service, path, body)

    def allowed(self, service: str, resource: str, permissions: list[str]) -> set[str]:
        """Which of the permissions the caller has on a resource."""
        answer = self._ask(service, f"{resource}:testIamPermissions", {"permissions": permissions})
        return set(answer.get("permissions", []))

    def _ask(self, service: str, path: str, body: Json | None) -> Json:
        base = f"{self.endpoint}/{service}" if self.endpoint else self.hosts[service]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if self.quota_project:
            headers["X-Goog-User-Project"] = self.quota_project
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{base}/{path}", data, headers)
        try:
            with self._opener().open(request, timeout=self.seconds) as answer:
                return _json(service, answer.read(_LONGEST))
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(service, error) from None
        except (OSError, HTTPException) as error:
            raise _unreachable(service, error) from None

    def _opener(self) -> urllib.request.OpenerDirector:
        # A proxy of the surroundings serves the real Google; a local endpoint is reached without it.
        proxies = [urllib.request.ProxyHandler({})] if self.endpoint else []
        return urllib.request.build_opener(_NoRedirects, *proxies)


def endpoint() -> str:
    """What BLUEPRINT_GOOGLE_ENDPOINT says; the token goes there, so it has to be this computer or encrypted."""
    said = os.environ.get(ENDPOINT, "").rstrip("/")
    url = urllib.parse.urlsplit(said)
    if said and url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOCAL):
        text = f"'{said}' is neither https nor on this computer"
        raise OperationFailed(ENDPOINT, text, "write http://127.0.0.1:PORT, or unset it", code=Exit.BAD_INPUT)
    return said


def _json(service: str, content: bytes) -> Json:
    try:
        found = json.loads(content)
        if not isinstance(found, dict):
            raise ValueError("not an object")
    except ValueError:
        text = f"{service}: the answer is not JSON of Google"
        raise Inconclusive(text, "see whether a proxy or a login page stands in between") from None
    return found


def _refused(service: str, error: urllib.error.HTTPError) -> Refused:
    try:
        message = str(json.loads(error.read(_LONGEST))["error"]["message"])
    except (ValueError, KeyError, TypeError, OSError, HTTPException):
        message = str(error.reason)
    way_out = _WAYS_OUT.get(error.code, "run it again later")
    return Refused(error.code, f"{service} answers {error.code}: {message}", way_out)


def _unreachable(service: str, error: Exception) -> Unreachable:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    text = "does not answer in time" if isinstance(reason, TimeoutError) else f"cannot be reached ({reason})"
    return Unreachable(f"{service} {text}", "check network, proxy (HTTPS_PROXY) and firewall")
