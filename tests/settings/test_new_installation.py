"""A new installation is complete, valid, free of placeholders, and there at once or not at all."""

from __future__ import annotations

import ipaddress
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings.answers import UNMISTAKABLE, Answers, answers_from, check_answer, new_suffix
from settings.loading import names_of, read
from settings.new_installation import new_installation
from settings.problems import InvalidSettings
from tests.settings.breaking import ANSWERS

MINIMAL = {key: value for key, value in ANSWERS.items() if key != "example"}
GITLAB = {
    "repository_host": "gitlab",
    "gitlab_uri": "https://git.corp.test",
    "repository_ranges": "198.51.100.0/24, 203.0.113.7/32",
    "app_installation_id": "",
}
EXISTING = {
    "folders": {"common": {"id": "folders/222222222222", "adopt": "import"}},
    "projects": {
        "common-logging": {"id": "corp-logging", "adopt": "import"},
        "data-customers": {"id": "corp-crm-data"},
    },
    "networks": {"production": {"id": "projects/corp-net/global/networks/prod"}},
    "key_rings": {"production-europe-west4": {"id": "projects/corp-kms/locations/europe-west4/keyRings/prod"}},
    "access_policy": "123456789",
}
UNCHANGED = "nothing was changed; free the way and repeat"
TEAM = {
    "title": "Prices",
    "purpose": "predictive",
    "orchestrator": "vertex",
    "contact": "prices@corp.test",
    "budget": {"interactive": 10, "nonproduction": 20, "production": 30},
    "repository": "prices",
}


def refused(**given: Any) -> str:
    """What answers are told."""
    with pytest.raises(InvalidSettings) as caught:
        answers_from(MINIMAL | given)
    return str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"parent": "folders/345678901234"},
        GITLAB,
        {"existing": EXISTING},
        {"teams": {"prices": TEAM}},
        {"example": "yes", "domain": "ml.corp.test", "contact": "cloud@ml.corp.test"},
        {"regions": "europe-west4, europe-west1, europe-west9", "base_range": "10.128.0.0/10"},
        {"regions": "europe-west2"},
        {"regions": "us-central1,us-east4", "currency": "USD", "base_range": "172.16.0.0/12"},
        {"regions": "me-west1", "multi_region": "eu"},
        {"base_range": "100.64.0.0/10", "workplaces": "203.0.113.0/24"},
    ],
    ids=lambda given: "+".join(given) or "minimal",
)
def test_answers_make_an_installation_that_is_accepted(tmp_path: Path, given: dict[str, Any]) -> None:
    answers = answers_from(MINIMAL | given)
    written = new_installation(tmp_path / "settings", answers)
    it = read(tmp_path / "settings")
    assert sorted(written) == sorted(path for path in (tmp_path / "settings").rglob("*") if path.is_file())
    assert it.organization.parent == answers.home
    assert it.organization.regions == answers.regions
    assert it.organization.existing == answers.existing
    assert it.organization.suffix == "x7k2"
    assert all(environment.network.subnets.keys() == set(answers.regions) for environment in it.environments.values())
    assert all(ipaddress.IPv4Network(range_).subnet_of(answers.base_range) for _, range_ in it.networks)
    assert set(it.teams) == ({"assistant", "churn"} if answers.example else set(answers.teams))
    for team in it.teams:
        assert names_of(it).project("production", team).endswith("-x7k2")


def test_github_and_gitlab_are_written_as_answered(tmp_path: Path) -> None:
    new_installation(tmp_path / "a", answers_from(MINIMAL))
    new_installation(tmp_path / "b", answers_from(MINIMAL | GITLAB))
    github, gitlab = (read(tmp_path / name).organization.repositories.provider for name in "ab")
    assert github.address == "https://github.com/corp-ml"
    assert gitlab.address == "https://git.corp.test/corp-ml"
    assert list(map(str, gitlab.ranges)) == ["198.51.100.0/24", "203.0.113.7/32"]


def test_nothing_is_left_to_be_replaced_by_hand(tmp_path: Path) -> None:
    new_installation(tmp_path / "settings", answers_from(MINIMAL | {"example": "yes"}))
    for path in (tmp_path / "settings").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for leaked in (
            "example.com",
            "acme",
            "k7q2",
            "203.0.113",
            "cc-1042",
            "example-ml",
            "TODO",
            "CHANGE",
            "REPLACE",
            "<",
        ):
            assert leaked not in text, f"{leaked} in {path}"


def test_every_file_leads_an_editor_to_its_schema_and_explains_itself(pristine: Path) -> None:
    for path in pristine.rglob("*.yaml"):
        header, *rest = path.read_text(encoding="utf-8").splitlines()
        assert (path.parent / header.removeprefix("# yaml-language-server: $schema=")).is_file()
        if path.parent.name not in ("sources", "teams"):
            assert any(line.lstrip().startswith("# ") for line in rest), path


def test_the_suffix_is_drawn_once_and_never_read_as_something_else(tmp_path: Path) -> None:
    drawn = {new_suffix() for _ in range(200)}
    assert len(drawn) > 150
    assert all(yaml.safe_load(suffix) == suffix and set(suffix) <= set(UNMISTAKABLE) for suffix in drawn)
    answers = answers_from({key: value for key, value in MINIMAL.items() if key != "suffix"})
    new_installation(tmp_path / "settings", answers)
    assert read(tmp_path / "settings").organization.suffix == answers.suffix


def test_the_same_answers_give_the_same_bytes(tmp_path: Path, answers: Answers) -> None:
    for name in "ab":
        new_installation(tmp_path / name, answers)
    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_a_dry_run_finds_the_same_and_writes_nothing(tmp_path: Path, answers: Answers) -> None:
    would = new_installation(tmp_path / "deep" / "settings", answers, dry_run=True)
    assert list(tmp_path.iterdir()) == []
    assert would == new_installation(tmp_path / "deep" / "settings", answers)


def test_settings_that_are_there_are_never_overwritten(tmp_path: Path, answers: Answers) -> None:
    target = tmp_path / "settings"
    new_installation(target, answers)
    before = (target / "organization.yaml").read_bytes()
    with pytest.raises(InvalidSettings, match="has files already; name a folder that is empty or does not exist"):
        new_installation(target, answers_from(ANSWERS | {"prefix": "other"}))
    assert (target / "organization.yaml").read_bytes() == before
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSettings, match="is not a folder"):
        new_installation(tmp_path / "file", answers)


def test_an_empty_folder_is_filled(tmp_path: Path, answers: Answers) -> None:
    (tmp_path / "settings").mkdir()
    new_installation(tmp_path / "settings", answers)
    assert (tmp_path / "settings" / "organization.yaml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["settings"]


def test_new_files_can_be_read_by_whom_the_mask_allows(tmp_path: Path, answers: Answers) -> None:
    new_installation(tmp_path / "settings", answers)
    (tmp_path / "other").write_text("")
    for path in (tmp_path / "settings").rglob("*.yaml"):
        assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


FULL_DISK = """
import json, resource, signal, sys
from pathlib import Path
from settings.answers import answers_from
from settings.new_installation import new_installation
from settings.problems import InvalidSettings
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    new_installation(Path(sys.argv[1]), answers_from(json.loads(sys.argv[3])))
except InvalidSettings as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("limit", [0, 100, 3000])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, limit: int) -> None:
    import json

    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    target = tmp_path / "settings"
    command = [sys.executable, "-B", "-c", FULL_DISK, str(target), str(limit), json.dumps(ANSWERS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stderr == f"{target}: cannot be written (File too large); {UNCHANGED}\n"
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["file/settings", "x" * 300])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, answers: Answers, target: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSettings, match=r"(cannot be written \(.*\); nothing was changed)"):
        new_installation(tmp_path / target, answers)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_answers_are_told_all_their_problems_at_once() -> None:
    with pytest.raises(InvalidSettings) as caught:
        answers_from({"prefix": "Corp", "regions": "europe-wst4", "organisation_id": "1", "suffix": "x7k2"})
    assert str(caught.value).splitlines() == [
        "answers: unknown key 'organisation_id'; did you mean 'organization_id'?",
        "answers.billing_account: is missing; add it",
        "answers.contact: is missing; add it",
        "answers.customer_id: is missing; add it",
        "answers.domain: is missing; add it",
        "answers.organization_id: is missing; add it",
        "answers.prefix: 'Corp' has the wrong form; write it like 'acme'",
        "answers.regions.0: unknown region 'europe-wst4'; did you mean 'europe-west4'?",
        "answers.repository_owner: is missing; add it",
    ]


def test_answers_that_contradict_each_other_are_told() -> None:
    assert "app_installation_id: is missing; install the Cloud Build app" in refused(app_installation_id="")
    assert "repository_ranges: is missing; give the public ranges" in refused(**GITLAB | {"repository_ranges": ""})
    assert "multi_region: no multi-region holds 'me-west1'" in refused(regions="me-west1")


@pytest.mark.parametrize("base", ["10.0.0.0/17", "192.168.0.0/16", "10.0.0.0/30"])
def test_a_base_range_that_is_too_small_is_told(tmp_path: Path, base: str) -> None:
    with pytest.raises(
        InvalidSettings, match=r"base_range: .* is too small; choose a larger one, for example 10.0.0.0/8"
    ):
        new_installation(tmp_path / "settings", answers_from(MINIMAL | {"base_range": base}))
    assert list(tmp_path.iterdir()) == []


def test_every_question_has_words_and_can_be_checked_alone() -> None:
    for name, field in Answers.model_fields.items():
        assert field.description, name
    check_answer("prefix", "corp")
    check_answer("parent", "")
    check_answer("regions", "europe-west4, europe-west1")
    with pytest.raises(InvalidSettings, match="'Corp' has the wrong form; write it like 'acme'"):
        check_answer("prefix", "Corp")
    with pytest.raises(InvalidSettings, match=r"answers\.domain: is missing"):
        check_answer("domain", "")
    with pytest.raises(InvalidSettings, match="'x' is not a whole number"):
        check_answer("common_budget", "x")
