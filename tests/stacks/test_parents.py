"""The whole platform below a folder: the same estate, and nothing but names and trust set for the organization."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.estate import Estate

FOLDER = "folders/987654321098"
# What Google knows at organizations only.
ORGANIZATION_ONLY = {
    "google_organization_iam_custom_role",
    "google_organization_iam_member",
}


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """The example estate hung below a folder, with one organization policy in dry run."""
    folder = tmp_path_factory.mktemp("below")
    shutil.copytree(ROOT / "settings", folder / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    _change(folder / "settings/organization.yaml", "parent: organizations/123456789012", f"parent: {FOLDER}")
    _change(
        folder / "settings/org_policies.yaml", "gcp.restrictTLSVersion: {", "gcp.restrictTLSVersion: {dry_run: true, "
    )
    out = folder / "out"
    subprocess.run([sys.executable, "-m", "stacks.app", str(folder / "settings"), str(out)], check=True, cwd=ROOT)
    return Estate.read(out)


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_is_set_for_the_organization_but_what_cannot_be_set_elsewhere(below: Estate) -> None:
    made = {r.type for r in below.resources("google_*organization*")}
    assert made <= ORGANIZATION_ONLY


@pytest.mark.parametrize(
    ("type_", "attribute"),
    [
        ("google_logging_folder_sink", "folder"),
        ("google_folder_iam_audit_config", "folder"),
        ("google_essential_contacts_contact", "parent"),
        ("google_folder", "parent"),
    ],
)
def test_what_holds_for_the_platform_hangs_at_its_folder(below: Estate, type_: str, attribute: str) -> None:
    found = below.resources(type_)
    assert found
    assert {r.values[attribute] for r in found} == {FOLDER}


def test_every_organization_policy_has_a_parent_with_an_id(below: Estate, estate: Estate) -> None:
    for one in (below, estate):
        for policy in one.resources("google_org_policy_policy"):
            parent = policy.values["parent"]
            assert parent.startswith(("organizations/1", FOLDER, "${google_folder.")), policy.address
            assert policy.values["name"].startswith(f"{parent}/policies/")


def test_the_access_policy_is_scoped_to_the_folder_and_found_by_that_scope(below: Estate) -> None:
    (made,) = below.resources("google_access_context_manager_access_policy")
    assert made.values["scopes"] == [FOLDER]
    found = below.data("google_access_context_manager_access_policy")
    assert found
    assert all(data.values["scopes"] == [FOLDER] for data in found)


def test_both_estates_have_the_same_stacks_and_as_many_policies(below: Estate, estate: Estate) -> None:
    assert below.documents.keys() == estate.documents.keys()
    kind = "google_org_policy_policy"
    assert len(below.resources(kind)) == len(estate.resources(kind))


def test_a_policy_in_dry_run_refuses_nothing(below: Estate) -> None:
    (policy,) = [r for r in below.resources("google_org_policy_policy") if "dry_run_spec" in r.values]
    assert policy.values["name"].endswith("gcp.restrictTLSVersion")
    assert "spec" not in policy.values
