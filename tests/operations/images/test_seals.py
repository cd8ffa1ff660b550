"""Seals and findings: what keeps an image out of production, asked of Artifact Analysis and Cloud KMS."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from operations.images.occurrences import Occurrences, scanned
from operations.images.sealing import Origin, Seal
from operations.outcome import Exit, OperationFailed
from pipelines.images import vulnerabilities
from pipelines.images.vulnerabilities import Accepted, Rules
from sandbox import redirect
from sandbox.api.server import serving
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

PROJECT, TODAY = "artifacts", date(2026, 11, 26)
RING = f"projects/{PROJECT}/locations/europe-west4/keyRings/promoted"
IMAGE = f"europe-west4-docker.pkg.dev/{PROJECT}/images/churn@sha256:{'a' * 64}"
OTHER = IMAGE.replace("a" * 64, "b" * 64)
ORIGIN = Origin(
    "pool",
    "build-1",
    "ml-containers",
    "c0ffee",
    "python:3",
    "00",
    "0b",
    ("images check",),
    ("ada",),
    "ada",
    "dora",
    "2",
)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Occurrences]:
    """The artifacts project of a sandbox, with its attestor's note and key, to which Google's clients talk."""
    with Store(tmp_path / "cloud.db") as store, serving(store, SCHEMA) as facade:
        project = {"project_id": PROJECT, "name": PROJECT, "number": "7", "org_id": "1", "id": f"projects/{PROJECT}"}
        store.put("google_project", f"projects/{PROJECT}", project)
        for api in ("containeranalysis", "cloudkms"):
            service = {"project": PROJECT, "service": f"{api}.googleapis.com"}
            store.put("google_project_service", f"{PROJECT}/{api}.googleapis.com", service)
        store.put("google_container_analysis_note", f"projects/{PROJECT}/notes/promoted", {"name": "promoted"})
        key = {"name": "promoted", "key_ring": RING, "purpose": "ASYMMETRIC_SIGN"}
        key["version_template"] = [{"algorithm": "EC_SIGN_P256_SHA256", "protection_level": "SOFTWARE"}]  # type: ignore[assignment]
        store.put("google_kms_key_ring", RING, {"name": "promoted", "project": PROJECT, "location": "europe-west4"})
        store.put("google_kms_crypto_key", f"{RING}/cryptoKeys/promoted", key | {"id": f"{RING}/cryptoKeys/promoted"})
        for name, value in ((redirect.ENDPOINT, facade.endpoint), (redirect.PRINCIPAL, redirect.OPERATOR)):
            monkeypatch.setenv(name, value)
        redirect.install(facade.endpoint)
        yield Occurrences(PROJECT)


@pytest.fixture
def seal(known: Occurrences) -> Seal:
    return Seal(known, f"projects/{PROJECT}/notes/promoted", f"{RING}/cryptoKeys/promoted/cryptoKeyVersions/1")


def finding(known: Occurrences, severity: str, id_: str = "CVE-2026-0001", package: str = "openssl") -> None:
    """What a scanner would add."""
    issue = {"affectedPackage": package, "affectedCpeUri": "x", "affectedVersion": {"kind": "MAXIMUM"}}
    told = {"packageIssue": [issue | {"effectiveSeverity": severity, "fixedVersion": {"kind": "MAXIMUM"}}]}
    known.add(IMAGE, "projects/goog-analysis/notes/" + id_, "VULNERABILITY", {"vulnerability": told})


def analysed(known: Occurrences, status: str = "FINISHED_SUCCESS") -> None:
    note = "projects/goog-analysis/notes/PACKAGE_VULNERABILITY"
    known.add(IMAGE, note, "DISCOVERY", {"discovery": {"analysisStatus": status}})


def refused(known: Occurrences) -> tuple[int, str]:
    with pytest.raises(OperationFailed) as raised:
        scanned(known, "churn", IMAGE, TODAY)
    return raised.value.code, str(raised.value)


def accept(monkeypatch: pytest.MonkeyPatch, until: date, package: str = "openssl") -> None:
    one = Accepted(
        image="churn", id="CVE-2026-0001", package=package, reason="No TLS here.", owner="d@example.com", until=until
    )
    rules = Rules(blocks=["CRITICAL", "HIGH"], exceptions=[one])
    monkeypatch.setattr(vulnerabilities, "rules", lambda path=vulnerabilities.FILE: rules)


def test_a_sealed_image_tells_where_it_comes_from_and_an_unsealed_one_is_refused(seal: Seal) -> None:
    seal.make(IMAGE, ORIGIN)
    statement = seal.opened(IMAGE)
    assert statement["predicate"]["buildDefinition"]["internalParameters"]["approver"] == "dora"
    with pytest.raises(OperationFailed, match="carries no seal") as raised:
        seal.opened(OTHER)
    assert raised.value.code == Exit.REFUSED


def test_a_seal_of_another_key_or_for_another_image_does_not_hold(seal: Seal) -> None:
    seal.make(IMAGE, ORIGIN)
    kinds = {"ATTESTATION": "attestation", "DSSE_ATTESTATION": "dsseAttestation"}
    for kind, field in kinds.items():
        (true,) = seal.kept.find(IMAGE, kind)
        seal.kept.add(OTHER, seal.note, kind, {field: true[field]})
    with pytest.raises(OperationFailed, match="the seal of another image"):
        seal.opened(OTHER)
    (true,) = seal.kept.find(IMAGE, "DSSE_ATTESTATION")
    envelope: dict[str, Any] = true["dsseAttestation"]["envelope"]
    forged = json.loads(base64.b64decode(envelope["payload"])) | {"forged": True}
    third = IMAGE.replace("a" * 64, "c" * 64)
    payload = base64.b64encode(json.dumps(forged).encode()).decode()
    content = {"dsseAttestation": {"envelope": envelope | {"payload": payload}}}
    seal.kept.add(third, seal.note, "DSSE_ATTESTATION", content)
    with pytest.raises(OperationFailed, match="that our key did not make"):
        seal.opened(third)


def test_an_image_without_the_attestation_of_binary_authorization_is_refused(seal: Seal) -> None:
    seal.make(IMAGE, ORIGIN)
    (attestation,) = seal.kept.find(IMAGE, "ATTESTATION")
    payload = json.loads(base64.b64decode(attestation["attestation"]["serializedPayload"]))
    assert payload["critical"]["image"]["docker-manifest-digest"] == IMAGE.partition("@")[2]
    (provenance,) = seal.kept.find(IMAGE, "DSSE_ATTESTATION")
    seal.kept.add(OTHER, seal.note, "DSSE_ATTESTATION", {"dsseAttestation": provenance["dsseAttestation"]})
    with pytest.raises(OperationFailed, match="carries no seal"):
        seal.opened(OTHER)


def test_who_may_not_sign_is_told_and_nothing_is_said_of_the_image(seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(redirect.PRINCIPAL, "user:eve@example.com")
    with pytest.raises(OperationFailed, match=r"cloudkms.cryptoKeyVersions.useToSign.*; ask who may") as raised:
        seal.make(IMAGE, ORIGIN)
    assert raised.value.code == Exit.REFUSED
    monkeypatch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
    assert [*seal.kept.find(IMAGE, "ATTESTATION"), *seal.kept.find(IMAGE, "DSSE_ATTESTATION")] == []


class Dying(Occurrences):
    """Dies before it adds a second statement."""

    def add(self, image: str, note: str, kind: str, content: dict[str, Any]) -> str:
        if list(self.find(image, "DSSE_ATTESTATION")) or list(self.find(image, "ATTESTATION")):
            raise KeyboardInterrupt
        return super().add(image, note, kind, content)


def test_a_seal_that_was_begun_admits_no_image_that_has_no_papers(seal: Seal) -> None:
    with pytest.raises(KeyboardInterrupt):
        Seal(Dying(PROJECT), seal.note, seal.key).make(IMAGE, ORIGIN)
    assert list(seal.kept.find(IMAGE, "ATTESTATION")) == [], "Binary Authorization would admit it"
    seal.make(IMAGE, ORIGIN)
    assert seal.opened(IMAGE)


def test_a_finding_blocks_unless_it_is_accepted_until_a_day_that_has_not_passed(
    known: Occurrences, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = refused(known)
    assert (code, "has not been scanned yet" in told) == (Exit.INCONCLUSIVE, True)
    analysed(known)
    finding(known, "MEDIUM", package="zlib")
    assert scanned(known, "churn", IMAGE, TODAY) == [f"{IMAGE}: 1 findings, none blocks"]
    finding(known, "HIGH")
    code, told = refused(known)
    assert (code, "CVE-2026-0001 in openssl is HIGH" in told) == (Exit.REFUSED, True)
    accept(monkeypatch, TODAY)
    assert scanned(known, "churn", IMAGE, TODAY) == [f"{IMAGE}: 2 findings, none blocks"]
    accept(monkeypatch, date(2026, 11, 25))
    assert "was over on 2026-11-25; ask d@example.com" in refused(known)[1]
    accept(monkeypatch, TODAY, package="curl")
    assert "nothing needs the exception for CVE-2026-0001 in curl" in refused(known)[1]
