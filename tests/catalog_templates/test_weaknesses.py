"""Weaknesses of Google's own implementation (W4, W9, W10, W11): planted, they are refused before publishing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_templates.template import find, unused
from operations.catalog_check import check_one
from operations.catalog_workshop import empty_cloud
from sandbox.session import Cloud
from tests.catalog_templates.spoiling import SCHEMA, spoiled
from tests.program import ROOT

OWN = 'resource "google_compute_{}" "own" {{\n  name = "own"\n}}\n\nresource "google_composer_environment"'
COMPOSER = ("composer", "main.tf", 'resource "google_composer_environment"')
PLANTED = {
    "W4: a network of Composer's own": (*COMPOSER, OWN.format("network"), "makes 'google_compute_network'"),
    "W4: a firewall rule of its own": (*COMPOSER, OWN.format("firewall"), "makes 'google_compute_firewall'"),
    "W4: another network": (
        "composer",
        "main.tf",
        "= var.network",
        '= "own"',
        "network: is used nowhere",
    ),
    "W4: machines with public addresses": (
        *("composer", "main.tf", "enable_private_environment = true", "enable_private_environment = false"),
        "it_lives_on_the_shared_network_without_public_machines: ends with 'fail'",
    ),
    "W9: what is in a bucket goes with it": (
        *("bucket", "main.tf", "force_destroy               = false", "force_destroy               = true"),
        "what people keep is not deleted with its container",
    ),
    "W9: rights on single objects": (
        *("bucket", "main.tf", "uniform_bucket_level_access = true", "uniform_bucket_level_access = false"),
        "have uniform bucket-level access enabled",
    ),
    "W9: what is overwritten is gone": ("bucket", "main.tf", "enabled = true", "enabled = false", "ends with 'fail'"),
    "W9: old versions are deleted at once": (
        *("bucket", "main.tf", "days_since_noncurrent_time = 30", "days_since_noncurrent_time = 0"),
        "[bucket_forgets_by_age]",
    ),
    "W11: a moment that moves with every plan": (
        *("secret", "main.tf", "timeadd(var.ordered_at", "timeadd(timestamp()"),
        "its value changes with every plan",
    ),
    "W11: rotation without a date": (
        *("secret", "main.tf", "    next_rotation_time = timeadd(var.ordered_at", "    # timeadd(var.ordered_at"),
        "it_is_due_at_a_fixed_date_and_somebody_hears_of_it: ends with 'fail'",
    ),
    "W11: nobody is told that a secret is due": (
        *("secret", "main.tf", "  topics {\n    name = google_pubsub_topic.due.id\n  }\n", ""),
        "[secrets_rotate]",
    ),
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with empty_cloud(SCHEMA) as made:
        yield made


@pytest.mark.parametrize("weakness", PLANTED)
def test_a_template_with_a_known_weakness_may_not_be_published(cloud: Cloud, tmp_path: Path, weakness: str) -> None:
    key, file, old, new, told = PLANTED[weakness]
    problems = check_one(spoiled(tmp_path, key, file, old, new), cloud, ROOT / "settings", "").problems
    assert any(told in str(problem) for problem in problems), problems


LOCKS = {
    "GCS-CO-6.11": ('with_state                 = "ARCHIVED"', 'with_state                 = "LIVE"'),
    "GCS-CO-6.12": ("for_each = local.cold", "for_each = []"),
}


@pytest.mark.proves(
    "GCS-CO-6.11", "GCS-CO-6.12", defect="a bucket without the rule for old versions, or for cold objects"
)
@pytest.mark.parametrize("control", LOCKS)
def test_a_bucket_that_lost_a_rule_of_life_may_not_be_published(cloud: Cloud, tmp_path: Path, control: str) -> None:
    assert control in find("bucket").manifest.controls
    problems = check_one(spoiled(tmp_path, "bucket", "main.tf", *LOCKS[control]), cloud, ROOT / "settings", "").problems
    assert any("what_nobody_reads_becomes_cheaper: ends with 'fail'" in str(problem) for problem in problems), problems


@pytest.mark.parametrize("name", find("bigquery_dataset").variables)
def test_w10_each_input_of_a_dataset_is_wired(tmp_path: Path, name: str) -> None:
    """W10: an input that is declared and changes nothing."""
    template = spoiled(tmp_path, "bigquery_dataset", "README.md", "#", "#")
    assert unused(template) == []
    for file in ("main.tf", "outputs.tf"):
        path = template.folder / file
        path.write_text(path.read_text().replace(f"var.{name}", "null"))
    assert [problem.place for problem in unused(template)] == [f"bigquery_dataset/variables.tf.{name}"]
