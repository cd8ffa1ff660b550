"""The way there counts too: what a perimeter stops, what passes a door, and what only a log would tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operations.access.asking import Access
from sandbox.iam import Answer, Held
from settings.problems import InvalidSettings

STAGING = ("storage.objects.get", "interactive/churn/bucket/staging")
LOOK = ("storage.buckets.get", "interactive/churn/bucket/staging")
TRAIN = ("aiplatform.customJobs.create", "interactive/churn")
PULL = ("artifactregistry.repositories.downloadArtifacts", "common/artifacts/repository/images")
READ = ("bigquery.tables.getData", "data/customers/table/customers/contracts")


def enforced(one: Held) -> Held:
    """The same resource as it is after its perimeter stops being a dry run."""
    values = one.values | ({"status": one.values["spec"]} if one.type_.endswith("service_perimeter") else {})
    return replace(one, type_=one.type_.replace("_dry_run", ""), values=values)


@pytest.fixture(scope="module")
def strict(access: Access) -> Access:
    """The estate with every perimeter enforced."""
    return Access([enforced(one) for one in access.held], access.words, access.rules)


@pytest.mark.proves(
    "HOUSE-PER-1", "HOUSE-PER-2", defect="a call from the internet, and one from a project without a door"
)
@pytest.mark.parametrize(
    ("who", "asked", "origin", "wanted"),
    [
        ("data-scientist", TRAIN, "interactive/churn", Answer.YES),
        ("data-scientist", TRAIN, "workplace", Answer.YES),
        ("data-scientist", TRAIN, "internet", Answer.NO),
        ("data-scientist", STAGING, "production/churn", Answer.NO),
        ("production/churn/pipeline", PULL, "production/churn", Answer.YES),
        ("production/churn/pipeline", PULL, "internet", Answer.NO),
        ("production/churn/pipeline", READ, "production/churn", Answer.YES),
        ("production/churn/pipeline", READ, "nonproduction/churn", Answer.NO),
        ("common/seed/deploy-data", READ, "workplace", Answer.YES),
        ("common/seed/deploy-data", READ, "internet", Answer.NO),
        ("common/seed/deploy-plan", LOOK, "internet", Answer.YES),
    ],
)
def test_a_call_passes_from_where_a_door_says_and_from_nowhere_else(
    strict: Access, who: str, asked: tuple[str, str], origin: str, wanted: Answer
) -> None:
    told = strict.can(who, *asked, origin)
    assert told.decision.answer is wanted, told.decision.why
    assert (told.decision.kind == "perimeter") is (wanted is Answer.NO)


def test_a_dry_run_lets_pass_and_says_what_it_would_refuse(access: Access) -> None:
    told = access.can("data-scientist", *TRAIN, "internet")
    assert told.decision.answer is Answer.YES
    assert "acme_int_perimeter) would refuse it once it is enforced: no ingress rule from internet" in told.decision.why


def test_without_its_door_a_pipeline_no_longer_reads_its_source(strict: Access) -> None:
    """I4c: the answer hangs on the rules between the perimeters, on both sides."""
    for side in ("ingress", "egress"):
        held = [
            h for h in strict.held if not (h.address.startswith("production-churn: ") and f"{side}_policy" in h.type_)
        ]
        told = Access(held, strict.words, strict.rules).can("production/churn/pipeline", *READ, "production/churn")
        assert told.decision.kind == "perimeter", side
        assert f"no {side} rule" in told.decision.why


def test_an_origin_that_leads_nowhere_is_named(access: Access) -> None:
    for origin, wanted in (("moon", "write internet, workplace or place/project"), ("interactive/chum", "'churn'")):
        with pytest.raises(InvalidSettings, match=wanted):
            access.can("data-scientist", *TRAIN, origin)


def test_a_door_for_methods_whose_permissions_are_not_known_leaves_the_question_open(strict: Access) -> None:
    told = strict.can("production/churn/pipeline", "aiplatform.models.get", "nonproduction/churn", "production/churn")
    assert told.decision.answer is Answer.UNKNOWN
    assert "methods whose permissions are not known" in told.decision.why
