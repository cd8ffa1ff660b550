"""Seals: signed statements of who built an image from what, kept in Artifact Analysis beside the image.

Two statements, both signed by a key in Cloud KMS whose private half nobody has. One is SLSA provenance (in-toto
Statement 1, predicate 1) in a DSSE 1 envelope, for people. The other is what Binary Authorization looks for.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from operations import signing
from operations.images.occurrences import Occurrences
from operations.outcome import Exit, OperationFailed

PAYLOAD = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
ADMISSION = "Google cloud binauthz container signature"
KEYS = "//cloudkms.googleapis.com/v1/"
Values = dict[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where an image comes from: the build, the commit, what it started from, and what was found in it.

    `approval` is the build that was approved to seal it.
    """

    builder: str
    build: str
    repository: str
    commit: str
    base: str
    packages: str
    bill: str
    checks: tuple[str, ...]
    authors: tuple[str, ...]
    merger: str
    approver: str
    approval: str

    def statement(self, name: str, digest: str) -> bytes:
        """The statement about an image, the same for the same origin."""
        materials = [
            {"uri": f"git+{self.repository}", "digest": {"gitCommit": self.commit}},
            {"uri": f"pkg:docker/{self.base}"},
            {"uri": "packages.txt", "digest": {"sha256": self.packages}},
        ]
        consent = {"merger": self.merger, "approver": self.approver, "approval": self.approval}
        predicate = {
            "buildDefinition": {
                "buildType": "https://cloud.google.com/build",
                "externalParameters": {"image": name, "commit": self.commit},
                "internalParameters": {"checks": list(self.checks), "authors": list(self.authors), **consent},
                "resolvedDependencies": materials,
            },
            "runDetails": {
                "builder": {"id": self.builder},
                "metadata": {"invocationId": self.build},
                "byproducts": [{"name": "bill.cdx.json", "digest": {"sha256": self.bill}}],
            },
        }
        subject = [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}]
        whole = {"_type": STATEMENT, "subject": subject, "predicateType": PROVENANCE, "predicate": predicate}
        return _text(whole)


@dataclass(frozen=True)
class Seal:
    """The note under which statements are made, the key that signs them, and where they are kept."""

    kept: Occurrences
    note: str
    key: str

    def make(self, image: str, origin: Origin) -> str:
        """Sign both statements about an image (HOST/NAME@DIGEST); the name of the one that people read."""
        name, _, digest = image.partition("@")
        payload, admission = origin.statement(name, digest), _admission(name, digest)
        signature = {"keyid": self.key, "sig": _base64(signing.signature(self.key, _encoded(payload)))}
        envelope = {"payload": _base64(payload), "payloadType": PAYLOAD, "signatures": [signature]}
        signed = [{"publicKeyId": KEYS + self.key, "signature": _base64(signing.signature(self.key, admission))}]
        attestation = {"serializedPayload": _base64(admission), "signatures": signed}
        # Danger: whoever carries the other one is admitted; should this die in between, none is without its papers.
        told = self.kept.add(image, self.note, "DSSE_ATTESTATION", {"dsseAttestation": {"envelope": envelope}})
        self.kept.add(image, self.note, "ATTESTATION", {"attestation": attestation})
        return told

    def opened(self, image: str) -> Values:
        """What is sealed of an image, once both signatures hold. OperationFailed (a gate says no) else."""
        digest = image.partition("@")[2]
        statement: Values = json.loads(self._verified(image, "DSSE_ATTESTATION", _of_envelope))
        admission = json.loads(self._verified(image, "ATTESTATION", _of_attestation))
        told = {f"sha256:{one['digest']['sha256']}" for one in statement["subject"]}
        told.add(admission["critical"]["image"]["docker-manifest-digest"])
        if told != {digest}:
            raise _refused(image, "has the seal of another image")
        return statement

    def _verified(self, image: str, kind: str, parts: Any) -> bytes:
        """The payload of a statement of this kind that our key has signed; the newest where there are several."""
        found = [one for one in self.kept.find(image, kind) if one["noteName"] == self.note]
        for one in sorted(found, key=lambda it: str(it.get("createTime", "")), reverse=True):
            try:
                payload, signed, signature = parts(one)
            except (ValueError, KeyError, IndexError, TypeError):
                continue
            if signing.holds(self.key, signed, signature):
                return bytes(payload)
        raise _refused(image, "has a seal that our key did not make" if found else "carries no seal")


def _refused(image: str, text: str) -> OperationFailed:
    way_out = "do not use it; have it built and approved by the container pipeline"
    return OperationFailed(image, text, way_out, code=Exit.REFUSED)


def _admission(name: str, digest: str) -> bytes:
    """What Binary Authorization wants signed: the image, and nothing about it."""
    image = {"docker-manifest-digest": digest}
    return _text({"critical": {"identity": {"docker-reference": name}, "image": image, "type": ADMISSION}})


def _of_envelope(occurrence: Values) -> tuple[bytes, bytes, bytes]:
    envelope = occurrence["dsseAttestation"]["envelope"]
    payload = base64.b64decode(envelope["payload"], validate=True)
    return payload, _encoded(payload), base64.b64decode(envelope["signatures"][0]["sig"], validate=True)


def _of_attestation(occurrence: Values) -> tuple[bytes, bytes, bytes]:
    told = occurrence["attestation"]
    payload = base64.b64decode(told["serializedPayload"], validate=True)
    return payload, payload, base64.b64decode(told["signatures"][0]["signature"], validate=True)


def _encoded(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _text(whole: Values) -> bytes:
    return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
