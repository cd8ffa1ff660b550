"""A whole change through the pipelines, as docs/whole-change.sh types it, and what stops one at which step."""

from __future__ import annotations

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from google.cloud import aiplatform_v1

from operations.catalog_package import PROVENANCE
from operations.pipeline_places import elsewhere
from operations.pipeline_runs import SANDBOX
from sandbox.store import Store
from settings.loading import names_of
from settings.model import Installation
from tests.changes import ADA, DORA, MILA, OTTO, approval, author, objects, stopped
from tests.journey.test_vertex_team import acting
from tests.program import EXAMPLE, ROOT, blueprint
from tests.tampering import replace_object

SCRIPT = ROOT / "docs" / "whole-change.sh"


@pytest.fixture(scope="module")
def changed(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A copy of the deployed estate through which the change went, and what was said on the way."""
    home = tmp_path_factory.mktemp("change")
    shutil.copytree(deployed / ".sandbox", home / ".sandbox")
    done = subprocess.run(["sh", str(SCRIPT)], cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return home / ".sandbox/change", done.stdout + done.stderr


@pytest.mark.proves(
    "D2",
    "D11",
    "P3c",
    "P4a",
    "I9b",
    "O2",
    "O3a",
    "O4",
    "D5",
    "HOUSE-BLD-2",
    defect="who wrote it, or may not, approves it",
)
def test_one_change_reaches_production_by_its_pipelines_and_nobody_approves_their_own(
    changed: tuple[Path, str], installation: Installation
) -> None:
    home, said = changed
    names = names_of(installation)
    (approved,) = (json.loads(one) for one in objects(home, names.approved_bucket(), "churn/"))
    assert approved["approved_by"] == DORA
    versions = {
        environment: [
            json.loads(one)
            for one in objects(home, names.bucket(environment, "churn", "definitions"), "versions/")
            if one.startswith(b"{") and b'"files"' in one
        ]
        for environment in ("nonproduction", "production")
    }
    assert versions["nonproduction"] == versions["production"]
    assert {one["image"] for one in versions["production"]} == {approved["image"]}
    listed = blueprint("catalog", "versions", *EXAMPLE, cwd=home).stdout.split()
    assert listed[:3] == ["bucket", "1.1.0", "offered"]
    told = blueprint("artifact", "verify", approved["image"], *EXAMPLE, cwd=home).stdout
    assert (f"written   by {ADA}" in told, f"approved  by {DORA}" in told) == (True, True), told
    assert said.count("Permission 'cloudbuild.builds.list' denied") == 3
    (lock,) = objects(home, names.bucket("production", "assistant", "definitions"), "releases/")
    assert json.loads(lock)["image"] == approved["image"], "a release runs in what was approved"
    assert "release.lock: is not signed" in said


@pytest.mark.proves("D9", defect="a parameter that does not exist, and a person who submits without a build")
def test_a_data_scientist_runs_a_version_with_chosen_parameters_and_sees_what_came(changed: tuple[Path, str]) -> None:
    home, said = changed
    assert "unknown parameter 'strenght'; did you mean 'strength'?" in said
    assert "Permission 'storage.objects.create' denied" in said, "a person submits nothing"
    listed = {one["run"]: one for one in ask(home, "runs", "--json") if one["status"] == "done"}
    (chosen,) = [one for one in listed.values() if one["parameters"]["technique"] == "boosting"]
    assert (chosen["parameters"]["iterations"], chosen["orchestrator"]) == (20, "composer")
    assert {one["services"] for one in listed.values()} == {SANDBOX}
    seen = {one["run"]: one for one in ask(home, "runs", "--as", ADA, "--json")}
    assert set(seen) == set(listed)
    assert seen[chosen["run"]]["metrics"] == pytest.approx(chosen["metrics"])
    assert seen[chosen["run"]]["verdict"] == chosen["verdict"]
    (first, *_) = ask(home, "models", "--environment", "nonproduction", "--as", ADA, "--json")
    (promoted,) = ask(home, "models", "--as", DORA, "--json")
    assert (first["digest"], promoted["state"], promoted["traffic"]) == (promoted["digest"], "champion", 100)


def ask(home: Path, *words: str) -> list[dict[str, Any]]:
    """What a command of the pipeline lists."""
    done = blueprint("pipeline", *words, "--team", "churn", *EXAMPLE, cwd=home)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.proves("O14b", defect="customers that are others than those of the training set, and a second night")
def test_a_champion_whose_customers_have_changed_is_trained_anew_by_its_schedule_and_promoted_by_nobody(
    changed: tuple[Path, str],
) -> None:
    home, place = changed[0], elsewhere(ROOT / "settings", "churn", "production", target="sandbox")
    before = {one["run"] for one in ask(home, "runs", "--json")}
    night = ("run", "operational", "--event", "message", "--team", "churn", "--trigger", "retrain")
    quiet = blueprint("build", *night, *EXAMPLE, cwd=home)
    assert (quiet.returncode, "INCONCLUSIVE: nothing was looked at of" in quiet.stdout) == (0, True), quiet.stdout
    (champion,) = ask(home, "models", "--json")
    with acting(home) as act_as:
        act_as(f"serviceAccount:{place.service_account.replace('pipeline@', 'serving@')}")
        client, name = aiplatform_v1.PredictionServiceClient(), f"{place.parent}/endpoints/{place.endpoint}"
        row = {"tenure_months": 1, "monthly_charges": 900.0, "support_calls": 9, "country": "IT"}
        for _ in range(60):
            client.predict(endpoint=name, instances=10 * [row])
    moved = blueprint("build", *night, *EXAMPLE, cwd=home)
    assert (moved.returncode, "monthly_charges: skew" in moved.stdout) == (0, True), moved.stdout + moved.stderr
    (again,) = [one for one in ask(home, "runs", "--json") if one["run"] not in before]
    assert (again["orchestrator"], again["services"], again["status"]) == ("composer", SANDBOX, "done")
    told = blueprint("build", *night, *EXAMPLE, cwd=home)
    assert (told.returncode, f"it was trained anew by run {again['run']}" in told.stdout) == (0, True), told.stdout
    assert {one["run"] for one in ask(home, "runs", "--json")} == {*before, again["run"]}
    assert ask(home, "models", "--json") == [champion]


def requested(home: Path, digest: str) -> subprocess.CompletedProcess[str]:
    """Ada asks for an image in production, and Dora says yes."""
    told = ("--set", "image=churn", "--set", f"digest={digest}")
    asked = blueprint("build", "run", "container", "--event", "message", "--as", ADA, *told, *EXAMPLE, cwd=home)
    assert asked.returncode == 5, asked.stdout + asked.stderr
    return approval(home, "container", DORA)


def finding(home: Path, project: str, image: str, severity: str) -> None:
    """What a scanner would add, straight into the sandbox."""
    issue = {"affectedPackage": "openssl", "effectiveSeverity": severity}
    body = {
        "resourceUri": f"https://{image}",
        "kind": "VULNERABILITY",
        "noteName": "projects/goog-analysis/notes/CVE-1",
    }
    name = f"projects/{project}/occurrences/planted"
    with Store(home / ".sandbox/cloud.db") as store:
        kind = "containeranalysis:projects/occurrences"
        store.documents.put(kind, name, body | {"name": name, "vulnerability": {"packageIssue": [issue]}})


@pytest.mark.proves(
    "P3a", "AR-CO-6.2", "HOUSE-IMG-3", defect="a tag, a finding, an approver who wrote it, an image without a seal"
)
def test_an_image_is_stopped_at_the_step_that_finds_what_is_wrong_with_it(
    changed: tuple[Path, str], installation: Installation, tmp_path: Path
) -> None:
    home, names = changed[0], names_of(installation)
    ada = author(home, tmp_path / "containers", "containers", ADA, DORA)
    together = f"Faster\n\nCo-authored-by: Dora <{DORA}>"
    done = ada.proposes("together", "pipelines/images/bases.yaml", "# The images", "# All images", together)
    assert done.returncode == 0, done.stdout + done.stderr
    address = next(word for word in ada.merges(2).split() if "@sha256:" in word)
    assert stopped(requested(home, "latest"), "scan", "is no digest")
    finding(home, names.project("common", "artifacts"), address, "HIGH")
    assert stopped(requested(home, address.partition("@")[2]), "scan", "CVE-1 in openssl is HIGH")
    finding(home, names.project("common", "artifacts"), address, "LOW")
    assert stopped(requested(home, address.partition("@")[2]), "seal", f"was approved by {DORA}, who wrote the change")
    publish = ("pipeline", "publish", "--team", "churn", "--image", address, *EXAMPLE)
    unsigned = blueprint(*publish, cwd=home)
    assert (unsigned.returncode, "carries no seal" in unsigned.stderr) == (4, True), unsigned.stderr
    assert len(objects(home, names.approved_bucket(), "churn/")) == 1
    with Store(home / ".sandbox/cloud.db") as store:
        store.objects.put(names.approved_bucket(), "churn/99991231.json", json.dumps({"image": address}).encode())
    deploy = ("build", "run", "operational", "--event", "push", "--team", "churn", "--trigger", "deploy")
    assert stopped(blueprint(*deploy, *EXAMPLE, cwd=home), "publish", "carries no seal")


@pytest.mark.proves(
    "P2c",
    "SC6",
    "G2b",
    defect="a template without its key, other bytes, a build that may not register, an older change of the approver",
)
def test_a_template_is_stopped_at_the_step_that_finds_what_is_wrong_with_it(
    changed: tuple[Path, str], installation: Installation, tmp_path: Path
) -> None:
    home, names = changed[0], names_of(installation)
    mila = author(home, tmp_path / "templates", "templates", MILA, OTTO)
    file = "catalog_templates/bucket/manifest.yaml"
    assert stopped(mila.proposes("bad", file, "quota: 10", "quota: none"), "check", "quota")
    same = mila.proposes("same", file, "quota: 10", "quota: 11")
    assert stopped(same, "check", "is still 1.1.0, and content has changed"), same.stdout + same.stderr
    blueprint("pull", "approve", "templates", "2", "--as", OTTO, *EXAMPLE, cwd=home)
    merge = blueprint("pull", "merge", "templates", "2", "--as", MILA, *EXAMPLE, cwd=home)
    assert (merge.returncode, "interactive-check is failure" in merge.stderr) == (4, True), merge.stderr
    done = mila.proposes("next", file, "version: 1.1.0", "version: 1.2.0")
    assert done.returncode == 0, done.stdout + done.stderr
    candidate = next(word for word in done.stdout.split() if word.startswith("candidates/4/bucket-1.2.0"))
    with Store(home / ".sandbox/cloud.db") as store:
        replace_object(store, names.template_bucket(), candidate, b"other bytes")
    mila.merges(4)
    assert stopped(approval(home, "interactive", OTTO), "publish", "was no candidate with these bytes")
    assert "1.2.0" not in blueprint("catalog", "versions", *EXAMPLE, cwd=home).stdout
    assert solutions(home) == {"bucket": "1.1.0"}, "what was published was registered by the same build"
    event = ("run", "interactive", "--event", "push", "--trigger", "publish", "--as", MILA)
    assert blueprint("build", *event, *EXAMPLE, cwd=home).returncode == 5
    rejected = approval(home, "interactive", OTTO, "--reject", "--comment", "Not now.")
    assert (rejected.returncode, "CANCELLED" in rejected.stdout) == (1, True), rejected.stdout + rejected.stderr
    assert blueprint("build", "approvals", "interactive", "--as", OTTO, *EXAMPLE, cwd=home).stdout == ""
    assert mila.proposes("last", file, "version: 1.2.0", "version: 1.3.0").returncode == 0
    mila.merges(5)
    with Store(home / ".sandbox/cloud.db") as store:
        (grant,) = (
            id_
            for id_, it in store.find("google_service_account_iam_member")
            if it["member"].startswith("serviceAccount:interactive@")
            and "/deploy-solutions@" in it["service_account_id"]
        )
        store.delete("google_service_account_iam_member", grant)
    assert stopped(approval(home, "interactive", OTTO), "register", "getAccessToken")
    assert solutions(home) == {"bucket": "1.1.0"}
    together = f"Better\n\nCo-authored-by: Otto <{OTTO}>"
    done = mila.proposes("together", file, "version: 1.3.0", "version: 1.4.0", together)
    assert done.returncode == 0, done.stdout + done.stderr
    mila.merges(6)
    assert stopped(approval(home, "interactive", OTTO), "publish", f"was approved by {OTTO}, who wrote the change")
    assert mila.proposes("after", file, "version: 1.4.0", "version: 1.5.0").returncode == 0
    mila.merges(7)
    later = approval(home, "interactive", OTTO)
    assert stopped(later, "publish", f"was approved by {OTTO}, who wrote the change"), "what was refused comes along"


@pytest.mark.proves(
    "P2c",
    "HOUSE-BLD-2",
    defect="a paper of no build, of a made-up or another build, of other people, another archive, outside the catalog",
)
def test_what_is_published_tells_who_wrote_merged_and_approved_it_as_the_build_has_it_on_record(
    changed: tuple[Path, str], installation: Installation
) -> None:
    home, bucket = changed[0], names_of(installation).template_bucket()
    with Store(home / ".sandbox/cloud.db") as store:
        (paper,) = (it.name for it in store.objects.find(bucket, "published/bucket/1.1.0/") if it.name.endswith("json"))
    told = json.loads(taken(home, bucket, paper))
    archive = f"gs://{bucket}/{paper.removesuffix(PROVENANCE)}.zip"
    done = blueprint("artifact", "verify", archive, *EXAMPLE, cwd=home)
    people = (f"written   by {MILA}", f"merged    by {MILA}", f"approved  by {OTTO}", told["built"]["builder"])
    assert [word for word in people if word not in done.stdout] == [], done.stdout + done.stderr
    built, zipped = told["built"], archive.partition(f"{bucket}/")[2]
    same = taken(home, bucket, zipped)
    nobody = planted_build(home, built["build"], "nobody", approval={})
    other = planted_build(home, built["build"], "other", trigger="infrastructure-apply-production")
    failed = planted_build(home, built["build"], "failed", result="FAILURE")
    wrong = sha256(b"other").hexdigest()
    try:
        for planted, data, reason in (
            ({"built": None}, same, "was published by no build"),
            ({"built": built | {"approver": DORA}}, same, "another approver;"),
            ({"built": built | {"build": nobody, "approver": ""}}, same, "another approver;"),
            ({"built": built | {"build": other}}, same, "another trigger;"),
            ({"built": built | {"build": failed}}, same, "another result;"),
            ({"built": built | {"build": "made-up"}}, same, "names a build that does not exist"),
            ({"built": built | {"builder": "a laptop"}}, same, "another builder;"),
            ({"built": built | {"authors": [DORA]}}, same, "another author;"),
            ({"built": built | {"merger": DORA}}, same, "another merger;"),
            ({"sha256": wrong}, b"other", "another archive;"),
            ({"commit": "0" * 40}, same, "another commit in the catalog, commit;"),
            ({"version": "1.0.0"}, same, "is not version 1.0.0 of bucket in the catalog"),
        ):
            put(home, bucket, paper, json.dumps(told | planted).encode())
            put(home, bucket, zipped, data)
            refused = blueprint("artifact", "verify", archive, *EXAMPLE, cwd=home)
            assert (refused.returncode, reason in refused.stderr) == (4, True), (planted, refused.stderr)
    finally:
        put(home, bucket, paper, json.dumps(told).encode())
        put(home, bucket, zipped, same)


def planted_build(home: Path, build: str, id_: str, trigger: str = "", result: str = "", **others: Any) -> str:
    """A build on record that is like another one, but for its trigger, its approval or how its first step ended."""
    kind = "cloudbuild:projects/locations/builds"
    with Store(home / ".sandbox/cloud.db") as store:
        (body,) = (body for name, body in store.documents.find(kind) if name.endswith(f"/{build}"))
        name = body["name"].replace(build, id_)
        body |= {"id": id_, "name": name} | others
        body["substitutions"] |= {"TRIGGER_NAME": trigger} if trigger else {}
        body["steps"][0] |= {"status": result} if result else {}
        store.documents.put(kind, name, body)
    return id_


def taken(home: Path, bucket: str, name: str) -> bytes:
    with Store(home / ".sandbox/cloud.db") as store:
        return store.objects.get(bucket, name).data  # type: ignore[union-attr]


def put(home: Path, bucket: str, name: str, data: bytes) -> None:
    with Store(home / ".sandbox/cloud.db") as store:
        replace_object(store, bucket, name, data)


def solutions(home: Path) -> dict[str, str]:
    """What Service Catalog offers."""
    kind = "cloudprivatecatalogproducer:catalogs/products/versions"
    with Store(home / ".sandbox/cloud.db") as store:
        found = [body for _, body in store.documents.find(kind)]
    return {one["name"].split("/")[3]: one["description"] for one in found}
