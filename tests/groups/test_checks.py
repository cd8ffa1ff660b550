"""Bad input of the groups: each is named with the way out, and all are told at once."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
import yaml

from cloudbuild.pipelines import read as read_pipelines
from groups.personas import read
from groups.rules import Rules, read_rules
from operations.access.duties import access_problems
from settings.loading import read as read_settings
from settings.model import Installation
from settings.problems import InvalidSettings

SETTINGS = Path(__file__).parents[2] / "settings"
PERSONAS, RULES, PIPELINES = read(), read_rules(), read_pipelines()


def told(it: Installation, rules: Rules = RULES, **changed: dict[str, object]) -> list[str]:
    """Every problem after some keys of some personas have been replaced."""
    personas = dict(PERSONAS)
    for key, update in changed.items():
        personas[key] = type(personas[key]).model_validate(
            personas[key].model_dump(exclude_unset=True, exclude_defaults=True) | update
        )
    return [str(problem) for problem in access_problems(personas, rules, PIPELINES, it)]


def test_the_files_contradict_neither_each_other_nor_the_people(installation: Installation) -> None:
    assert told(installation) == []


@pytest.mark.parametrize(
    ("persona", "update", "wanted"),
    [
        ("data_scientist", {"grants": {"production": ["roles/aiplatform.user"]}}, "'roles/aiplatform.user' exceeds"),
        (
            "data_scientist",
            {"grants": {"interactive": ["platform/experimentor"]}},
            "did you mean 'platform/experimenter'",
        ),
        ("mlops_engineer", {"grants": {"interactive": ["roles/aiplatform.vewer"]}}, "mean 'roles/aiplatform.viewer'"),
        ("mlops_engineer", {"approves": ["interactive"]}, "writes the repository 'templates' that it builds"),
        ("data_scientist", {"approves": ["operational"]}, "writes the repository 'team' that it builds"),
        ("devops_engineer", {"approves": ["infrastucture"]}, "did you mean 'infrastructure'"),
        ("devops_engineer", {"approves": ["infrastructure"]}, "cloudbuild/interactive/trigger.yaml: nobody approves"),
        ("security_admin", {"approves": ["infrastructure"]}, "approve in one build project"),
        ("security_admin", {"approves": ["infrastructure"]}, "writes the repository 'infrastructure' that it builds"),
        ("data_scientist", {"denied": {"interactive": ["sharring"]}}, "did you mean 'sharing'"),
        (
            "break_glass",
            {"lent": {"x": {"place": "seed", "roles": ["roles/storage.admin"], "hours": 1, "approver": "break_glass"}}},
            "would approve its own requests",
        ),
    ],
)
def test_a_wrong_persona_is_named_with_the_way_out(
    installation: Installation, persona: str, update: dict[str, object], wanted: str
) -> None:
    found = told(installation, **{persona: update})
    assert any(wanted in line for line in found), found


def test_a_role_that_holds_what_a_place_never_allows_is_refused_even_if_it_is_listed(
    installation: Installation,
) -> None:
    limit = RULES.limits["production"]
    wider = {"production": limit.model_copy(update={"roles": [*limit.roles, "roles/storage.admin"]})}
    rules = RULES.model_copy(update={"limits": RULES.limits | wider})
    found = told(installation, rules, data_engineer={"grants": {"production": ["roles/storage.admin"]}})
    assert any("'roles/storage.admin' holds" in line and "never allows in production" in line for line in found), found


def test_a_misspelt_permission_is_found_in_roles_and_in_denials(tmp_path: Path, installation: Installation) -> None:
    (tmp_path / "roles").mkdir()
    for name in ("denials", "limits", "exclusive"):
        text = (Path(__file__).parents[2] / f"groups/{name}.yaml").read_text()
        (tmp_path / f"{name}.yaml").write_text(text.replace("/serviceAccountKeys.create", "/serviceAccountKey.create"))
    role = {"title": "t", "why": "w", "permissions": [{"why": "w", "names": ["aiplatform.customJobs.crate"]}]}
    (tmp_path / "roles/experimenter.yaml").write_text(yaml.safe_dump(role))
    found = told(installation, read_rules(tmp_path))
    assert any(
        "no permission 'aiplatform.customJobs.crate'; did you mean 'aiplatform.customJobs.cre" in p for p in found
    )
    assert any("no permission 'iam.googleapis.com/serviceAccountKey.create'" in line for line in found)


def test_every_broken_rule_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "roles/a.yaml").write_text("title: a\n")
    (tmp_path / "denials.yaml").write_text("x: {title: t, why: w, permissions: [storage.buckets.get]}\n")
    (tmp_path / "limits.yaml").write_text("production: {roles: []}\n")
    with pytest.raises(InvalidSettings) as raised:
        read_rules(tmp_path)
    text = str(raised.value)
    assert "roles/a.yaml.permissions: is missing" in text
    assert "denials.yaml" in text and "limits.yaml" in text and "exclusive.yaml: is missing" in text


def test_nobody_is_in_two_exclusive_groups_and_no_group_is_a_member(installation: Installation) -> None:
    members = {
        "mlops_engineer": ["eve@example.com", "grp-acme-mlops-engineer@example.com"],
        "devops_engineer": ["eve@example.com"],
        "devops_engineers": ["bob@example.com"],
        "data_scientist": ["bob@example.com"],
    }
    organization = installation.organization.model_copy(update={"members": members})
    found = told(installation.model_copy(update={"organization": organization}))
    assert any("'eve@example.com' is in mlops_engineer and devops_engineer" in line for line in found)
    assert any("'grp-acme-mlops-engineer@example.com' is a group of the platform" in line for line in found)
    assert any("no group 'devops_engineers'; did you mean 'devops_engineer'" in line for line in found)
    assert any("no group 'data_scientist'" in line for line in found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mlops_engineer", "devops_engineer"),
        ("security_admin", "devops_engineer"),
        ("data_engineer", "devops_engineer"),
        ("break_glass", "org_admin"),
        ("audit_viewer", "org_admin"),
    ],
)
def test_nobody_both_writes_and_approves_in_whatever_spelling(tmp_path: Path, first: str, second: str) -> None:
    """G2b, SC3a: a folder of a repository is enough, and an address in capitals is the same person."""
    copytree(SETTINGS, tmp_path / "settings")
    file = tmp_path / "settings/organization.yaml"
    written = yaml.safe_load(file.read_text())
    written["members"] = {first: ["Eve@example.com"], second: ["eve@example.com"]}
    file.write_text(yaml.safe_dump(written))
    (found,) = told(read_settings(tmp_path / "settings"))
    assert "'eve@example.com' is in" in found and first in found and second in found, found


def test_a_scientist_of_any_team_approves_nothing_that_is_built(installation: Installation) -> None:
    members = {"data_engineer": ["ada@example.com"], "devops_engineer": ["bert@example.com"]}
    organization = installation.organization.model_copy(update={"members": members})
    found = told(installation.model_copy(update={"organization": organization}))
    assert any("who writes containers and team never approves" in line for line in found), found
    assert any("'bert@example.com' is in" in line and "G2a" in line for line in found), found
