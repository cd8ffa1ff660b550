"""Every asset has a version that leads to its content, and no change is merged before it was judged."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cloudbuild.pipelines import read as read_pipelines
from cloudbuild.pipelines import read_build
from operations.asset_versions import KINDS, content, versions
from operations.evaluations import pin
from pipelines.genai.assets import Assets
from settings.problems import InvalidSettings
from tests.estate import Estate
from tests.program import ROOT, blueprint

SETTINGS = ROOT / "settings"
BASE = "refs/remotes/origin/deployment"


@pytest.mark.proves("GO-version-1", defect="a pin of another version, an adapter without one, a set that changed")
def test_every_kind_of_asset_resolves_a_version_to_its_content(copy: Assets) -> None:
    listed = [line.split()[:2] for line in versions(copy.folder, SETTINGS)]
    assert {kind for kind, _ in listed} == set(KINDS)
    for kind, name in listed:
        if kind != "releases":
            assert json.loads(content(copy.folder, SETTINGS, kind, name))
    folders = {path.name for path in copy.folder.iterdir() if path.is_dir() and any(path.rglob("*.yaml"))}
    assert folders - {"evaluations"} <= set(KINDS), "a new kind of asset needs a version too"
    with pytest.raises(InvalidSettings, match="asked is 0123"):
        content(copy.folder, SETTINGS, "prompts", "answer@0123")
    lock = copy.folder / "releases/assistant/release.lock"
    lock.write_text(lock.read_text().replace('"adapter": null', '"adapter": "tuned"'))
    items = copy.folder / "golden/handbook/items.jsonl"
    items.write_text(items.read_text().replace("14 days", "15 days", 1))
    with pytest.raises(InvalidSettings) as refused:
        list(versions(copy.folder, SETTINGS))
    assert [one.place.partition("/")[0] for one in refused.value.problems] == ["golden", "releases"]


@pytest.mark.proves("GO-ci-1", defect="a prompt that was made worse, and one that was changed and not released")
def test_a_change_is_judged_before_it_is_merged(copy: Assets, estate: Estate, tmp_path: Path) -> None:
    triggers = read_pipelines()["operational"].triggers
    assert (triggers["judge"].event, triggers["judge"].build) == ("pull_request", "judge.yaml")
    planned = [
        it.values
        for it in estate.resources("google_cloudbuild_trigger")
        if it.values["name"] == "operational-judge-assistant"
    ]
    assert len(planned) == 1
    assert not planned[0].get("included_files") and not planned[0].get("ignored_files"), "every change is judged"
    shutil.copytree(copy.folder, tmp_path / "change/pipelines/genai")
    shutil.copytree(SETTINGS, tmp_path / "change/settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    change = tmp_path / "change"
    person = ("-c", "user.name=bert", "-c", "user.email=bert@example.com")
    for words in (("init",), ("add", "."), (*person, "commit", "-m", "Released"), ("update-ref", BASE, "HEAD")):
        subprocess.run(["git", *words], cwd=change, check=True, capture_output=True)

    def judged() -> dict[str, int]:
        steps = read_build("operational", "judge.yaml").steps
        known = {"$_TEAM": "assistant", "origin/$_BASE_BRANCH": "origin/deployment", "$_TARGET": "stub"}
        words = {step.id: [known.get(word, word) for word in step.args] for step in steps}
        return {name: blueprint(*some, cwd=change).returncode for name, some in words.items()}

    assert judged() == {"verify": 0, "gate": 0}
    template = change / "pipelines/genai/prompts/answer/template.txt"
    rule = "- Name the passage that you used in square brackets at the end.\n"
    assert rule in template.read_text()
    template.write_text(template.read_text().replace(rule, ""))
    assert set(judged().values()) == {2}, "the chain is pinned to another version"
    pin(change / "pipelines/genai", SETTINGS, "assistant")
    assert judged() == {"verify": 4, "gate": 4}
