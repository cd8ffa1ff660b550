"""Releases of generative systems: built where the gate lets them through, signed, and verified part by part."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from operations.evaluations import RELEASED, Desk
from operations.outcome import Exit, OperationFailed
from operations.serving import clients
from operations.writing import write
from pipelines.gate import Verdict
from pipelines.genai import release, signing
from pipelines.genai.release import EVIDENCE, LOCK
from settings.problems import Problem

SIGNATURES = "signatures.json"


def built(desk: Desk, *, image: str | None, first: bool = False, today: date | None = None) -> Path:
    """Write lock and evidence of a release that the gate lets through; the same components give the same bytes."""
    run = desk.run()
    against = run if first else desk.kept_run(RELEASED)
    judgement = desk.judged(run, against, today or date.today())
    if judgement.verdict != Verdict.PASS:
        text = f"the gate says {judgement.verdict.name}: {judgement.reasons[0]}"
        raise OperationFailed(desk.evaluation.name, text, "see 'blueprint eval gate'", code=Exit(judgement.verdict))
    place = release.folder(desk.assets, desk.evaluation.name)
    record = {"key": run.key, "evaluation": run.evaluation, "chain": run.chain, "chain_version": run.chain_version}
    kept = {**record, "label": run.label, "components": run.components}
    write(place / EVIDENCE / "items.jsonl", release.evidence(run))
    write(place / EVIDENCE / "run.json", json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    write(place / LOCK, release.as_bytes(release.lock(desk.evaluation, run, image=image)).decode())
    return place / LOCK


def signed(desk: Desk, *, kms: str | None = None) -> Path:
    """Sign the lock; the signature lies beside the runs, with the public key that it is checked by."""
    signer = _signer(desk, kms)
    content = (release.folder(desk.assets, desk.evaluation.name) / LOCK).read_bytes()
    record = {"by": signer.name, "key": signer.public_key().decode(), "signature": signing.signature(content, signer)}
    write(desk.kept / desk.evaluation.name / SIGNATURES, json.dumps(record, indent=2) + "\n")
    return desk.kept / desk.evaluation.name / SIGNATURES


def verified(desk: Desk, *, signed: bool = False, kms: str | None = None) -> list[Problem]:
    """Every part that the lock does not vouch for; with `signed`, a signature by the key that is trusted too."""
    place = release.folder(desk.assets, desk.evaluation.name)
    written, run = release.read_lock(place / LOCK), release.released(desk.assets, desk.evaluation.name)
    found = release.lock(desk.evaluation, run, image=written.get("image"), adapter=written.get("adapter"))
    problems = list(release.differences(found, written))
    if (place / LOCK).read_bytes() != release.as_bytes(written):
        problems.append(Problem(str(place / LOCK), "is not written as a lock is", "build the release again"))
    if run.evaluation != (version := desk.evaluation.versioned(run.label)):
        text = f"is {version[:16]}, released with {run.evaluation[:16]}"
        problems.append(Problem(f"{LOCK}.evaluation.version", text, "evaluate and release again"))
    if signed and not _signed(desk, (place / LOCK).read_bytes(), _signer(desk, kms).public_key()):
        problems.append(Problem(str(place / LOCK), "is not signed by this key", "run 'blueprint release sign'"))
    return problems


@contextmanager
def keys(target: str, kms: str | None) -> Iterator[None]:
    """While the block runs, Cloud KMS of the target answers; what it refuses ends as a failure."""
    if kms is None:
        yield
        return
    from google.api_core.exceptions import GoogleAPICallError

    with clients(target, Path.cwd()):
        try:
            yield
        except GoogleAPICallError as error:
            way_out = "see that the key exists, signs (EC_SIGN_P256_SHA256) and that you may use it"
            raise OperationFailed(kms, f"{error.code} {error.message}", way_out) from None


def _signed(desk: Desk, content: bytes, public_key: bytes) -> bool:
    path = desk.kept / desk.evaluation.name / SIGNATURES
    return path.exists() and signing.holds(content, json.loads(path.read_text())["signature"], public_key)


def _signer(desk: Desk, kms: str | None) -> signing.Signer:
    return signing.KmsKey(kms) if kms else signing.LocalKey(desk.kept / "release_key.pem")
