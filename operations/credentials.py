"""The token with which Google is asked: found where Terraform finds it, never shown and never kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = "GOOGLE_OAUTH_ACCESS_TOKEN"
_ADC = ("auth", "application-default", "print-access-token")
_LOGIN = ("auth", "print-access-token")
_GCLOUD_SECONDS = 30


@dataclass(frozen=True)
class Credentials:
    """A token, where it came from, whether Terraform finds it too, and the project whose quota a person's calls use."""

    token: str = field(repr=False)
    source: str
    for_terraform: bool = True
    quota_project: str = ""


def find() -> Credentials | None:
    """The first of: the variable, application default credentials, the machine's own account, gcloud's login."""
    if token := os.environ.get(TOKEN, "").strip():
        return Credentials(token, TOKEN, quota_project=_of_environment())
    if token := _gcloud(_ADC):
        project = _of_environment() or _of_default_credentials()
        return Credentials(token, "application default credentials", quota_project=project)
    if token := _machine():
        return Credentials(token, "the service account of this machine", quota_project=_of_environment())
    if token := _gcloud(_LOGIN):
        return Credentials(token, "the login of gcloud", for_terraform=False, quota_project=_of_environment())
    return None


def _gcloud(words: tuple[str, ...]) -> str:
    program = shutil.which("gcloud")
    if not program:
        return ""
    # Never a question: without a terminal and with its prompts off, gcloud fails instead of waiting.
    environment = dict(os.environ) | {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
    try:
        said = subprocess.run(
            [program, *words],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=_GCLOUD_SECONDS,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _machine() -> str:
    """The token of the metadata server, which only a machine at Google has."""
    host = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
    request = urllib.request.Request(url, headers={"Metadata-Flavor": "Google"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=1) as answer:
            return str(json.load(answer)["access_token"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _of_environment() -> str:
    return os.environ.get("GOOGLE_BILLING_PROJECT") or os.environ.get("GOOGLE_CLOUD_QUOTA_PROJECT") or ""


def _of_default_credentials() -> str:
    """The quota project beside a person's application default credentials; nothing else of the file is used."""
    folder = Path(os.environ.get("CLOUDSDK_CONFIG") or Path.home() / ".config" / "gcloud")
    file = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS") or folder / "application_default_credentials.json"
    try:
        return str(json.loads(Path(file).read_text(encoding="utf-8")).get("quota_project_id") or "")
    except (OSError, ValueError, AttributeError):
        return ""
