"""`blueprint sandbox serve` for a person: what Google's clients ask for is done, whoever uses the sandbox beside."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from google import genai
from google.cloud import config_v1, storage
from google.cloud.devtools import cloudbuild_v1 as builds

from operations.outcome import OperationFailed
from operations.serving import Served, served
from operations.target import opened
from sandbox import redirect
from sandbox.store import Store
from tests.program import BLUEPRINT
from tests.sandbox.api.conftest import furnish
from tests.terraform_folder import SCHEMA

PLACE = "projects/p1/locations/europe-west1"
ACCOUNT = "projects/p1/serviceAccounts/work@p1.iam.gserviceaccount.com"


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Somebody whose clients talk to a served sandbox with one project."""
    furnished(tmp_path / ".sandbox")
    with served(tmp_path, host="127.0.0.1", port=0) as found:
        for name, value in (found.environment | {"GOOGLE_CLOUD_PROJECT": "p1"}).items():
            monkeypatch.setenv(name, value)
        redirect.install(found.endpoint)
        yield found


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same sandbox, served by a process of its own."""
    furnished(tmp_path / ".sandbox")
    words = [BLUEPRINT, "sandbox", "serve", "--port", "0"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        line = next(text for text in process.stdout if redirect.ENDPOINT in text)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p1")
        with redirect.installed(line.strip().partition("=")[2]):
            yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def furnished(home: Path) -> None:
    """A sandbox with one project, and an account that may work there."""
    home.mkdir()
    (home / "schema").symlink_to(SCHEMA)
    with Store(home / "cloud.db") as store:
        furnish(store)
        account = {"email": ACCOUNT.rpartition("/")[2], "project": "p1", "id": ACCOUNT}
        store.put("google_service_account", ACCOUNT, account)
        for role in ("roles/config.agent", "roles/storage.objectViewer", "roles/pubsub.editor"):
            grant = {"project": "p1", "role": role, "member": f"serviceAccount:{account['email']}", "condition": []}
            store.put("google_project_iam_member", role, grant)


def tarball(name: str) -> bytes:
    """An archive with one file."""
    packed, content = io.BytesIO(), b"print(1)\n"
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.usefixtures("person")
def test_a_build_runs_a_deployment_is_applied_and_a_model_answers(tmp_path: Path) -> None:
    code = 'test -n "$$BLUEPRINT_SANDBOX_PRINCIPAL" && grep -q print src/train.py'
    step = builds.BuildStep(name="any", entrypoint="bash", args=["-c", code])
    source = builds.Source(storage_source={"bucket": "catalog", "object_": "source.tar.gz"})
    storage.Client().create_bucket("catalog").blob("source.tar.gz").upload_from_string(tarball("src/train.py"))
    asked = builds.Build(service_account=ACCOUNT, steps=[step], source=source)
    build = builds.CloudBuildClient().create_build(project_id="p1", build=asked).result(300)
    assert (build.status.name, build.status_detail[:7]) == ("SUCCESS", "SANDBOX")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.tf", 'resource "google_pubsub_topic" "it" {\n  project = "p1"\n  name = "made"\n}\n')
    storage.Client().bucket("catalog").blob("topic.zip").upload_from_string(packed.getvalue())
    blueprint = config_v1.TerraformBlueprint(gcs_source="gs://catalog/topic.zip")
    wanted = config_v1.Deployment(service_account=ACCOUNT, terraform_blueprint=blueprint)
    client = config_v1.ConfigClient()
    made = client.create_deployment(parent=PLACE, deployment_id="topic", deployment=wanted).result(300)
    assert made.state.name == "ACTIVE", made.state_detail
    with opened("sandbox", tmp_path) as target:
        assert target.environment()  # nobody holds the sandbox while nothing is being applied
    gemini = genai.Client(vertexai=True, project="p1", location="europe-west1")
    assert gemini.models.generate_content(model="gemini-2.5-flash", contents="Hello").response_id.startswith("STUB")


@pytest.mark.usefixtures("apart")
def test_a_build_of_a_source_in_a_bucket_that_is_cancelled_stops_where_it_is(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    storage.Client().create_bucket("catalog").blob("source.tar.gz").upload_from_string(tarball("src/train.py"))
    source = builds.Source(storage_source={"bucket": "catalog", "object_": "source.tar.gz"})
    step = builds.BuildStep(
        name="any", entrypoint="bash", args=["-c", f"echo $$$$ > {note}.new; mv {note}.new {note}; sleep 600"]
    )
    client = builds.CloudBuildClient()
    begun = client.create_build(
        project_id="p1", build=builds.Build(service_account=ACCOUNT, steps=[step], source=source)
    )
    while not note.exists():
        time.sleep(0.05)
    client.cancel_build(project_id="p1", id=begun.metadata.build.id)
    assert begun.result(300).status.name == "CANCELLED"
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


@pytest.mark.usefixtures("person")
def test_a_source_that_leads_out_or_is_no_archive_fails_the_build() -> None:
    bucket = storage.Client().create_bucket("catalog")
    bucket.blob("out.tar.gz").upload_from_string(tarball("../../out"))
    bucket.blob("text.tar.gz").upload_from_string(b"text")
    client = builds.CloudBuildClient()
    for source in (
        builds.Source(storage_source={"bucket": "catalog", "object_": "out.tar.gz"}),
        builds.Source(storage_source={"bucket": "catalog", "object_": "text.tar.gz"}),
        builds.Source(repo_source={"repo_name": "churn", "branch_name": "main"}),
    ):
        asked = builds.Build(service_account=ACCOUNT, steps=[builds.BuildStep(name="any", entrypoint="true")])
        asked.source = source
        build = client.create_build(project_id="p1", build=asked).result(300)
        assert build.status.name == "FAILURE"
        assert "cannot be unpacked" in build.status_detail or "not fetched here" in build.status_detail


@pytest.mark.usefixtures("person")
def test_a_build_without_an_account_fails_and_a_second_server_is_told_who_serves(tmp_path: Path) -> None:
    asked = builds.Build(steps=[builds.BuildStep(name="any", entrypoint="true")])
    begun = builds.CloudBuildClient().create_build(project_id="p1", build=asked)
    build = begun.result(300)
    assert build.status.name == "FAILURE"
    assert "names no service account" in build.status_detail
    with pytest.raises(OperationFailed, match="in use by process"), served(tmp_path, host="127.0.0.1", port=0):
        pass


@pytest.mark.parametrize(("host", "told"), [("127.0.0.1", "only this computer"), ("0.0.0.0", "EVERY COMPUTER")])
def test_it_says_who_can_reach_it(tmp_path: Path, host: str, told: str) -> None:
    (tmp_path / ".sandbox").mkdir()
    (tmp_path / ".sandbox" / "schema").symlink_to(SCHEMA)
    with served(tmp_path, host=host, port=0) as found:
        assert told in found.reachable
        assert found.endpoint.startswith(f"http://{host}:")
