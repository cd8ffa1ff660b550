"""The release before: what a candidate is compared with, out of Git's history and never out of its own change.

Where metrics, judge or golden set are others now, the components of that release are evaluated again, in today's way.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.commits import changing, git, unpack
from operations.evaluations import Desk
from operations.generative import opened
from pipelines.genai import evaluation as evaluations
from pipelines.genai import release
from pipelines.genai.evaluation import Run
from pipelines.genai.release import EVIDENCE
from settings.problems import InvalidSettings, Problem


def before(desk: Desk, settings: Path, since: str) -> Run | None:
    """The run of the newest release in the history of `since` whose chain is another; None where there was none."""
    folder = desk.assets.folder.absolute()
    record = f"releases/{desk.evaluation.name}/{EVIDENCE}/run.json"
    for commit in changing(folder, since, record):
        told = git(folder, "show", f"{commit}:./{record}")
        if told and _chain(told, f"{commit[:12]}:{record}") != desk.evaluation.chain.version:
            with TemporaryDirectory(prefix="release-") as place:
                return _run(desk, settings.absolute(), commit, Path(place))
    return None


def _chain(record: str, place: str) -> str:
    try:
        return str(json.loads(record)["chain_version"])
    except (ValueError, KeyError, TypeError):
        way_out = "correct the release of that branch first"
        raise InvalidSettings([Problem(place, "is no record of a run", way_out)]) from None


def _run(desk: Desk, settings: Path, commit: str, place: Path) -> Run:
    folder = desk.assets.folder.absolute()
    root = Path(git(folder, "rev-parse", "--show-toplevel"))
    unpack(root, commit, place)
    then = place / folder.relative_to(root)
    documents = place / settings.relative_to(root) if settings.is_relative_to(root) else settings
    assets = opened(then, documents)[0]
    found = release.released(assets, desk.evaluation.name)
    if found.evaluation == desk.evaluation.version:
        return replace(found, items=list(found.items))
    rubrics = (f"prompts/{one.name}" for one in desk.evaluation.rubrics)
    for part in ("golden", "evaluations", "models", *rubrics):
        shutil.rmtree(then / part, ignore_errors=True)
        shutil.copytree(folder / part, then / part)
    evaluation = evaluations.read(assets, desk.evaluation.name, desk.writer, desk.evaluation.prices, desk.place)
    earlier = replace(desk, assets=assets, evaluation=evaluation)
    earlier.admit(evaluation.prompts)
    return earlier.run()
