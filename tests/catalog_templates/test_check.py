"""What may be published: every template is good, and each check finds the defect it is there for."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_templates.newer import offences
from catalog_templates.template import FOLDER, find, keys, read, read_all
from operations.catalog_check import check_one
from operations.catalog_workshop import empty_cloud
from sandbox.session import Cloud
from settings.problems import InvalidSettings
from tests.catalog_templates.spoiling import SCHEMA, spoiled
from tests.program import EXAMPLE, ROOT, blueprint

SETTINGS = ROOT / "settings"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with empty_cloud(SCHEMA) as made:
        yield made


@pytest.mark.parametrize("key", keys())
def test_every_template_may_be_published(cloud: Cloud, key: str) -> None:
    checked = check_one(find(key), cloud, SETTINGS, "")
    assert checked.problems == []
    assert checked.tests >= 3
    assert checked.examples >= 1


DEFECTS = {
    "not formatted": ("main.tf", "  location ", "    location ", "is not formatted"),
    "a misspelt argument": ("main.tf", "force_destroy ", "force_destry ", "Unsupported argument"),
    "a lock removed": ("main.tf", '= "enforced"', '= "inherited"', "ends with 'fail'"),
    "deleting what people keep": ("main.tf", "= false", "= true", "what people keep is not deleted"),
    "a backend": ("versions.tf", "terraform {", 'terraform {\n  backend "gcs" {}', "keeps the state itself"),
    "a provisioner": ("main.tf", "  versioning {", '  provisioner "local-exec" {}\n  versioning {', "nothing but"),
    "a newer feature": ("outputs.tf", "value       = var.purpose", "value = provider::google::x(1)", "Terraform 1.8"),
    "a clock": ("outputs.tf", "= var.purpose", "= timestamp()", "changes with every plan"),
    "an input that does nothing": ("outputs.tf", "= var.purpose", '= "none"', "purpose: is used nowhere"),
    "a role too many": ("manifest.yaml", "roles/storage.admin", "roles/storage.admin, roles/compute.admin", "nothing"),
    "a stale README": ("variables.tf", "One sentence for colleagues", "A sentence for colleagues", "is stale"),
    "an example nobody may order": ("examples/training_images.tfvars.json", "730", "7", "whole number of days"),
    "a fact that is none": ("manifest.yaml", "region: region", "region: regio", "did you mean 'region'?"),
    "a key that is none": ("manifest.yaml", "key.storage", "key.storge", "did you mean 'key.storage'?"),
    "a persona that is none": ("manifest.yaml", "[data_scientist]", "[data_scientits]", "'data_scientist'?"),
    "an owner who is none": ("manifest.yaml", "mlops_engineer", "mlops_enginer", "did you mean 'mlops_engineer'?"),
    "an input limited by another": ("variables.tf", ", var.name))", ", var.purpose))", "came with Terraform 1.9"),
    "an unknown input": ("examples/training_images.tfvars.json", '"name"', '"colour": "red", "name"', "no variable"),
}


@pytest.mark.proves("SC3", defect="a template that lacks what every template has")
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(cloud: Cloud, tmp_path: Path, defect: str) -> None:
    file, old, new, told = DEFECTS[defect]
    problems = check_one(spoiled(tmp_path, "bucket", file, old, new), cloud, SETTINGS, "").problems
    assert any(told in str(problem) for problem in problems), problems


def test_an_example_that_is_a_list_is_no_order(cloud: Cloud, tmp_path: Path) -> None:
    template = spoiled(tmp_path, "bucket", "README.md", "#", "#")
    template.examples[0].write_text("[]")
    told = "bucket/examples/training_images.tfvars.json: is no order"
    assert [told in str(problem) for problem in check_one(template, cloud, SETTINGS, "").problems] == [True]


HIDDEN = {
    "a module in a folder": (
        "inner/main.tf",
        'data "google_project" "x" {}',
        "inner/main.tf: has no place here",
    ),
    "terraform as JSON": ("more.tf.json", '{"data": {}}', "bucket/more.tf.json: has no place here"),
    "values for inputs": ("x.auto.tfvars.json", "{}", "bucket/x.auto.tfvars.json: has no place here"),
    "a call of a module": ("more.tf", 'module "x" {\n  source = "./inner"\n}\n', "'module \"x\" {' has no place here"),
}


@pytest.mark.proves("SC2", defect="a provisioner, a look-up and a grant where no check reads")
@pytest.mark.parametrize("defect", HIDDEN)
def test_what_would_be_packed_unread_is_found(tmp_path: Path, defect: str) -> None:
    file, text, told = HIDDEN[defect]
    template = spoiled(tmp_path, "bucket", "README.md", "#", "#")
    assert offences(template) == []
    (template.folder / file).parent.mkdir(exist_ok=True)
    (template.folder / file).write_text(text)
    assert str(template.folder / file) in map(str, template.packed())
    assert [told in str(problem) for problem in offences(template)] == [True]


def test_a_clone_of_a_template_repository_is_checked_and_a_change_needs_a_version_of_its_own(tmp_path: Path) -> None:
    """The interactive pipeline checks what a pull request brings, and not what is installed."""
    clone = tmp_path / "clone/catalog_templates"
    shutil.copytree(FOLDER / "bucket", clone / "bucket")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=tmp_path / "clone", check=True)
    words = ("catalog", "check", "--dir", "clone/catalog_templates", *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["bucket", "good"]]
    with (clone / "bucket/main.tf").open("a") as file:
        file.write("# changed\n")
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "bucket/manifest.yaml.version: is still 1.0.0, and content has changed since " in done.stderr
    nowhere = blueprint(*words, "--since", "origin/nowhere", cwd=tmp_path)
    assert (nowhere.returncode, "origin/nowhere: is no commit of" in nowhere.stderr) == (2, True), nowhere.stderr


SHAPES = {
    "an unknown key": ("manifest.yaml", "quota: 10", "quota: 10\ncolour: red", "unknown key 'colour'"),
    "a platform value that is no input": ("manifest.yaml", "  group:", "  grup:", "did you mean 'group'?"),
    "an identity that is none": (
        "manifest.yaml",
        "  roles:",
        "  acts_as: [notbook]\n  roles:",
        "did you mean 'notebook'?",
    ),
    "a version that is none": ("manifest.yaml", "version: 1.0.0", "version: '1.0'", "version"),
    "an input without a description": ("variables.tf", '"What the bucket is for', '"" #', "has no description"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_folder_of_the_wrong_shape_is_refused_with_the_way_out(tmp_path: Path, shape: str) -> None:
    file, old, new, told = SHAPES[shape]
    with pytest.raises(InvalidSettings) as refused:
        spoiled(tmp_path, "bucket", file, old, new)
    assert told in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"outputs\.tf: is missing"):
        read(tmp_path)


def test_every_template_fixes_its_provider_so_that_two_majors_fit() -> None:
    for key in keys():
        assert '">= 6.50, < 8"' in (FOLDER / key / "versions.tf").read_text(), key


def names_of_this_installation(folder: Path) -> list[str]:
    """Lines of a template that know a project, a team or a domain of the example."""
    lines = [line for file in sorted(folder.glob("*.tf")) for line in file.read_text().splitlines()]
    return [line for line in lines if any(word in line for word in ("acme", "churn", "example.com"))]


@pytest.mark.proves("G1", defect="a template for one team")
def test_templates_serve_all_teams_alike(tmp_path: Path) -> None:
    assert [line for key in keys() for line in names_of_this_installation(FOLDER / key)] == []
    ours = spoiled(tmp_path, "bucket", "main.tf", "${var.project_id}-data", "acme-churn-data")
    assert names_of_this_installation(ours.folder) != []


def missing(known: list[str]) -> set[str]:
    """What model work needs and no template makes."""
    needed = {
        *("artifact_repository", "bigquery_dataset", "bucket", "composer", "feature_store", "guardrail"),
        *("metadata_store", "model_endpoint", "model_garden_endpoint", "pubsub_topic", "rag_corpus_store", "secret"),
        *("tensorboard", "vector_search", "workbench"),
    }
    return needed - set(known)


@pytest.mark.proves("SC3", defect="a catalog without a notebook")
def test_there_is_a_template_for_everything_that_model_work_needs(tmp_path: Path) -> None:
    assert missing(keys()) == set()
    shutil.copytree(FOLDER, tmp_path / "templates", ignore=shutil.ignore_patterns("workbench", "*.py"))
    assert missing(keys(tmp_path / "templates")) == {"workbench"}


def data_kinds(folder: Path) -> list[str]:
    """What data the containers of a template say they are for."""
    return re.findall(r'data-kind = "(\w+)"', (folder / "main.tf").read_text())


@pytest.mark.proves("I4e", defect="a bucket that says it is for tables")
def test_bucket_and_dataset_say_which_data_each_is_for(tmp_path: Path) -> None:
    assert data_kinds(FOLDER / "bucket") == ["unstructured"]
    assert data_kinds(FOLDER / "bigquery_dataset") == ["structured"]
    assert "For tables order a BigQuery dataset" in find("bucket").manifest.summary
    assert "For files, images and documents order a bucket" in find("bigquery_dataset").manifest.summary
    wrong = spoiled(tmp_path, "bucket", "main.tf", '"unstructured"', '"structured"')
    assert data_kinds(wrong.folder) != ["unstructured"]


def test_templates_are_ordered_in_the_interactive_environment_only() -> None:
    assert {environment for it in read_all().values() for environment in it.manifest.environments} == {"interactive"}


def test_the_command_ends_with_2_and_names_an_unknown_template(tmp_path: Path) -> None:
    done = blueprint("catalog", "check", "buckt", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'bucket'?" in done.stderr
