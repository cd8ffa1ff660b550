"""A team comes and goes with exactly one file, and only when the whole installation stays valid."""

# ruff: noqa: E501 - exact texts, each in one piece

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings.editing import add_team, remove_team
from settings.loading import read
from settings.problems import InvalidSettings
from settings.writing import write
from tests.settings.breaking import apply

BUDGET = {"interactive": 100, "nonproduction": 200, "production": 300}
PRICES: dict[str, Any] = {
    "purpose": "predictive",
    "orchestrator": "vertex",
    "contact": "prices@corp.test",
    "budget": BUDGET,
}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_adding_a_team_writes_one_file_that_git_can_apply(folder: Path) -> None:
    before = snapshot(folder)
    change = add_team(folder, "prices", **PRICES, sources=["customers"])
    after = snapshot(folder)
    assert after.keys() - before.keys() == {"teams/prices.yaml"}
    assert all(after[name] == content for name, content in before.items())
    team = read(folder).teams["prices"]
    assert (team.title, team.repository, dict(team.budget)) == ("Prices", "prices", BUDGET)
    change.path.unlink()
    subprocess.run(["git", "apply", "-p1"], input=change.diff, text=True, check=True, cwd=folder.parent)
    assert snapshot(folder) == after


def test_removing_a_team_deletes_one_file_and_nothing_else(folder: Path) -> None:
    before = snapshot(folder)
    change = remove_team(folder, "assistant")
    assert before.keys() - snapshot(folder).keys() == {"teams/assistant.yaml"}
    subprocess.run(["git", "apply", "-R", "-p1"], input=change.diff, text=True, check=True, cwd=folder.parent)
    assert snapshot(folder) == before


def test_what_is_added_and_removed_leaves_no_trace(folder: Path) -> None:
    before = snapshot(folder)
    add_team(folder, "prices", **PRICES)
    remove_team(folder, "prices")
    assert snapshot(folder) == before


def test_dry_runs_show_the_change_and_make_none(folder: Path) -> None:
    before = snapshot(folder)
    added = add_team(folder, "prices", **PRICES, dry_run=True)
    removed = remove_team(folder, "assistant", dry_run=True)
    assert snapshot(folder) == before
    assert added.path == folder / "teams" / "prices.yaml"
    assert added.diff.startswith("--- /dev/null\n+++ b/settings/teams/prices.yaml\n")
    assert removed.diff.startswith("--- a/settings/teams/assistant.yaml\n+++ /dev/null\n")
    assert add_team(folder, "prices", **PRICES).diff == added.diff


def test_a_file_without_a_last_line_end_gives_a_patch_all_the_same(folder: Path) -> None:
    path = folder / "teams" / "assistant.yaml"
    path.write_text(path.read_text().rstrip("\n"))
    before = snapshot(folder)
    change = remove_team(folder, "assistant")
    subprocess.run(["git", "apply", "-R", "-p1"], input=change.diff, text=True, check=True, cwd=folder.parent)
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("churn", {}, ["settings/teams/churn.yaml: there is a team 'churn' already; choose another name"]),
        (
            "customer-prices",
            {},
            [
                "settings/teams/customer-prices.yaml: the file name 'customer-prices' is not a key; "
                "rename it: 2 to 14 lower-case letters, digits and single hyphens, a letter first"
            ],
        ),
        (
            "network",
            {},
            [
                "settings/teams/network.yaml: 'network' is the name of one of the platform's own projects; "
                "choose another name"
            ],
        ),
        (
            "prices",
            {"orchestrator": "airflow", "sources": ["custmers"], "budget": {"interactive": 0}},
            [
                "settings/teams/prices.yaml.budget.interactive: '0' is not greater than 0; choose another number",
                "settings/teams/prices.yaml.orchestrator: 'airflow' is not one of vertex, composer; choose one of them",
            ],
        ),
        (
            "prices",
            {"sources": ["custmers"], "budget": {"interactive": 1}},
            [
                "settings/teams/prices.yaml.budget: has no amount for nonproduction; add one",
                "settings/teams/prices.yaml.budget: has no amount for production; add one",
                "settings/teams/prices.yaml.sources: no source 'custmers'; did you mean 'customers'?",
            ],
        ),
    ],
)
def test_a_team_that_cannot_be_is_refused_with_every_reason(
    folder: Path, name: str, given: dict[str, Any], expected: list[str]
) -> None:
    before = snapshot(folder)
    with pytest.raises(InvalidSettings) as caught:
        add_team(folder, name, **PRICES | given)
    assert str(caught.value).splitlines() == expected
    assert snapshot(folder) == before


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/tmp/x", "prices\n", "x" * 300])
def test_no_name_leads_out_of_the_folder_of_teams(folder: Path, name: str) -> None:
    before = snapshot(folder.parent)
    with pytest.raises(InvalidSettings, match="is not a key"):
        add_team(folder, name, **PRICES)
    with pytest.raises(InvalidSettings, match="there is no team"):
        remove_team(folder, name)
    assert snapshot(folder.parent) == before


def test_a_team_that_others_refer_to_stays(folder: Path) -> None:
    apply(folder / "organization.yaml", {"existing": {"projects": {"production-churn": {"id": "corp-old-churn"}}}})
    before = snapshot(folder)
    with pytest.raises(InvalidSettings) as caught:
        remove_team(folder, "churn")
    assert str(caught.value).splitlines() == [
        "settings/organization.yaml.existing.projects.production-churn: refers to team 'churn'; remove this entry first",
        "settings/sources/customers.yaml.tables.contracts.row_access.churn-europe: refers to team 'churn'; "
        "remove this entry first",
    ]
    assert snapshot(folder) == before


def test_an_unknown_team_is_told_the_nearest(folder: Path) -> None:
    with pytest.raises(InvalidSettings) as caught:
        remove_team(folder, "assistent")
    assert str(caught.value) == "settings/teams: there is no team 'assistent'; did you mean 'assistant'?"


def test_no_change_is_made_to_an_installation_that_is_broken_elsewhere(folder: Path) -> None:
    apply(folder / "organization.yaml", {"prefx": "a"})
    before = snapshot(folder)
    with pytest.raises(InvalidSettings, match="did you mean 'prefix'"):
        add_team(folder, "prices", **PRICES)
    with pytest.raises(InvalidSettings, match="did you mean 'prefix'"):
        remove_team(folder, "assistant")
    assert snapshot(folder) == before


def test_a_broken_team_can_be_removed(folder: Path) -> None:
    (folder / "teams" / "assistant.yaml").write_text("title: [")
    remove_team(folder, "assistant")
    assert set(read(folder).teams) == {"churn"}


def test_titles_that_yaml_would_misread_are_kept(folder: Path) -> None:
    for index, title in enumerate(["yes", "12", "a: b", "# no", "'q'", '"', "日本", "2026-01-01", "null", "x" * 500]):
        add_team(folder, f"t{index}", **PRICES, title=title)
        assert read(folder).teams[f"t{index}"].title == title
        assert yaml.safe_load((folder / "teams" / f"t{index}.yaml").read_text(encoding="utf-8"))["title"] == title


def test_writing_replaces_the_target_of_a_link_and_keeps_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_text("a")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link, "b")
    assert link.is_symlink()
    assert real.read_text() == "b"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yaml", "real.yaml"]


def test_what_cannot_be_written_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "below", tmp_path / "folder", tmp_path / ("x" * 300)):
        with pytest.raises(InvalidSettings, match=r"cannot be written \(.*\); nothing was changed"):
            write(path, "new")
    assert (tmp_path / "file").read_text() == "old"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
