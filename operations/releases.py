"""Releases of generative systems: built where the gate lets them through, signed, and verified part by part."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from operations.evaluations import RELEASED, Desk
from operations.images.desk import by_digest
from operations.outcome import Exit, OperationFailed
from operations.release_signatures import Signatures, image_problems
from operations.writing import write
from pipelines.gate import Verdict
from pipelines.genai import release
from pipelines.genai.evaluation import Run
from pipelines.genai.release import EVIDENCE, LOCK
from settings.loading import names_of
from settings.problems import InvalidSettings, Problem


def built(
    desk: Desk, *, image: str | None, against: Run | None = None, first: bool = False, today: date | None = None
) -> Path:
    """Write lock and evidence of a release that the gate lets through; the same components give the same bytes.

    It is compared with the release that stands here, or with another run. Only where none stands it may be the first.
    """
    place = release.folder(desk.assets, desk.evaluation.name)
    if first and (place / EVIDENCE).exists():
        way_out = "leave it out; '--since BRANCH' evaluates the release of a branch again where the golden set changed"
        raise InvalidSettings([Problem("--first", f"'{desk.evaluation.name}' has a release already", way_out)])
    if image is not None:
        by_digest(image)
    run = desk.run()
    against = against or (run if first else desk.kept_run(RELEASED))
    judgement = desk.judged(run, against, today or date.today())
    if judgement.verdict != Verdict.PASS:
        text = f"the gate says {judgement.verdict.name}: {judgement.reasons[0]}"
        raise OperationFailed(desk.evaluation.name, text, "see 'blueprint eval gate'", code=Exit(judgement.verdict))
    record = {"key": run.key, "evaluation": run.evaluation, "chain": run.chain, "chain_version": run.chain_version}
    kept = {**record, "label": run.label, "components": run.components}
    write(place / EVIDENCE / "items.jsonl", release.evidence(run))
    write(place / EVIDENCE / "run.json", json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    write(place / LOCK, release.as_bytes(release.lock(desk.evaluation, run, image=image)).decode())
    return place / LOCK


def signed(desk: Desk) -> str:
    """Sign the lock with the key of the team, once every part is what it says; where the signature lies."""
    if problems := verified(desk):
        raise refused(problems[0])
    content = (release.folder(desk.assets, desk.evaluation.name) / LOCK).read_bytes()
    return Signatures.of(desk.installation, desk.evaluation.name).add(content)


def verified(desk: Desk, *, signed: bool = False) -> list[Problem]:
    """Every part that is not what the lock says. With `signed` also its signature, and the image that it names.

    Nothing in the folder tells which image was built for a release: registry, seal and signature do.
    """
    place = release.folder(desk.assets, desk.evaluation.name)
    written, run = release.read_lock(place / LOCK), release.released(desk.assets, desk.evaluation.name)
    content, image = (place / LOCK).read_bytes(), written.get("image")
    problems = list(release.differences(release.lock(desk.evaluation, run, image=image), written))
    if content != release.as_bytes(written):
        problems.append(Problem(str(place / LOCK), "is not written as a lock is", "build the release again"))
    if run.evaluation != (version := desk.evaluation.versioned(run.label)):
        text = f"is {version[:16]}, released with {run.evaluation[:16]}"
        problems.append(Problem(f"{LOCK}.evaluation.version", text, "evaluate and release again"))
    if signed:
        problems += Signatures.of(desk.installation, desk.evaluation.name).problems(content)
        problems += image_problems(names_of(desk.installation), str(image)) if image is not None else []
    return problems


def refused(problem: Problem) -> OperationFailed:
    """That a release goes no further."""
    return OperationFailed(problem.place, problem.text, problem.way_out, code=Exit.REFUSED)
