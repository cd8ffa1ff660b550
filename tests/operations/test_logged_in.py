"""Who is not logged in to Google, or no longer, is told so by every command that goes there; it is no defect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.operations.google_server import serving
from tests.program import ROOT

DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"europe-west4-docker.pkg.dev/acme-com-artifacts-k7q2/images/churn@{DIGEST}"
KEY = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
PROGRAM = "from scripts.program import main; main()"
TOLD = """
import sys
from scripts.program import _told
try:
    {call}
except Exception as error:
    sys.exit(_told(error))
"""
CALLS = {
    "saved plans": "from operations.saved_plans import write_report; write_report('gs://bucket/drift.md', {})",
    "signatures": f"from operations.signing import signature; signature('{KEY}', b'1')",
    "elsewhere": "from operations.release_signatures import Signatures; "
    "list(Signatures('bucket', 'team', 'key')._bucket.list_blobs())",
    "traffic": "from operations.traffic import text; text('gs://bucket/log.jsonl')",
}
COMMANDS = {
    "approvals": ("build", "approvals", "container"),
    "seal": ("images", "seal", "churn", DIGEST, "--build", "b"),
    "record": ("images", "record", "churn", DIGEST),
    "scan": ("images", "scan", "churn", DIGEST),
    "artifact": ("artifact", "verify", IMAGE),
    "catalog": ("catalog", "versions"),
}
EVERY = (*CALLS, *COMMANDS)


@pytest.fixture(scope="module")
def expired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A key file that Google takes for nothing any more."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = tmp_path_factory.mktemp("login") / "key.json"
    with serving() as google:
        google.answers["/token"] = (400, {"error": "invalid_grant", "error_description": "Token has been revoked."})
        known = {"type": "service_account", "client_email": "a@example.com", "private_key": pem, "project_id": "p"}
        path.write_text(json.dumps(known | {"token_uri": f"{google.endpoint}/token"}))
        yield path


def asked(what: str, home: Path, **more: str) -> tuple[int, str]:
    """How a command ends for somebody whose home this is, and what it says."""
    code = TOLD.format(call=CALLS[what]) if what in CALLS else PROGRAM
    words = [*COMMANDS.get(what, ())] and [*COMMANDS[what], "--target", "google", "--settings", str(ROOT / "settings")]
    around = {"PATH": os.environ["PATH"], "HOME": str(home), "NO_GCE_CHECK": "true", "PYTHONPATH": str(ROOT)} | more
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=home, env=around, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("what", EVERY)
def test_who_is_not_logged_in_is_told(what: str, tmp_path: Path) -> None:
    code, told = asked(what, tmp_path)
    assert (code, "nobody is logged in to Google; log in: gcloud" in told) == (1, True), told


@pytest.mark.parametrize("what", EVERY)
def test_whose_login_has_expired_is_told(what: str, tmp_path: Path, expired: Path) -> None:
    code, told = asked(what, tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(expired))
    assert (code, "the login to Google has expired or does not count (" in told) == (1, True), told
