"""The infrastructure pipeline deploys everything: each stack in one wave, each wave by the identities of its stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudbuild.pipelines import read
from operations.graph import Graph, StackPlan
from operations.waves import following, wave, waves
from settings.loading import names_of
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.estate import Estate

WAVES = read()["infrastructure"].waves
BY_A_PERSON = {"bootstrap"}


def unreached(estate: Estate, installation: Installation) -> set[str]:
    """Stacks that no approved build of the pipeline can deploy, as it may not take the identity that deploys them."""
    builder = names_of(installation).service_account("common", "delivery-i", "infra-apply")
    applied = {
        trigger.values["substitutions"]["_WAVE"]
        for trigger in estate.resources("google_cloudbuild_trigger")
        if trigger.values["service_account"].endswith(f"/{builder}") and trigger.values["approval_config"]
    }
    taken = {
        grant.values["service_account_id"].rpartition("/")[2]
        for grant in estate.resources("google_service_account_iam_member")
        if grant.values["role"] == "roles/iam.serviceAccountTokenCreator" and "infra-apply" in grant.address
    }
    graph = Graph.read(estate.folder)
    reached = {name for word, found in waves(graph).items() if word in applied for name in found.stacks}
    documents = {name: document for name, document in estate.documents.items() if name not in BY_A_PERSON}
    deployers = {name: document["variable"]["deployer"]["default"] for name, document in documents.items()}
    return {name for name, deployer in deployers.items() if name not in reached or deployer not in taken}


@pytest.mark.proves("P1a", defect="a stack in no wave, a wave without its trigger, a deployer that no build may take")
def test_the_pipeline_deploys_every_stack_but_the_one_that_makes_its_own_identities(
    estate: Estate, installation: Installation
) -> None:
    assert unreached(estate, installation) == set()
    (trigger,) = (
        one for one in estate.resources("google_cloudbuild_trigger") if one.values["name"].endswith("apply-production")
    )
    without = estate.planted("delivery-triggers", trigger.address, None)
    assert unreached(without, installation) == set(wave(Graph.read(estate.folder), "production").stacks)
    (grant,) = (
        one for one in estate.resources("google_service_account_iam_member") if "infra-apply_takes-data_" in one.address
    )
    assert unreached(estate.planted("delivery", grant.address, None), installation) == {"data"}
    fewer = WAVES | {"production": ["production-*"]}
    with pytest.raises(InvalidSettings, match="'observability' is in none; name every stack in one wave"):
        waves(Graph.read(estate.folder), fewer)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"one": ["a"], "two": ["a", "b"]}, "'a' is in one and two"),
        ({"one": ["b"], "two": ["a"]}, "'b' comes before 'a', which it needs"),
        ({"one": ["a"]}, "'b' is in none"),
    ],
)
def test_waves_that_do_not_hold_every_stack_once_and_in_order_are_refused(
    known: dict[str, list[str]], told: str
) -> None:
    file = Path("cdk.tf.json")
    graph = Graph.ordered({"a": StackPlan("a", file, frozenset()), "b": StackPlan("b", file, frozenset("a"))})
    assert list(waves(graph, {"one": ["a"], "two": ["b"]})) == ["one", "two"]
    with pytest.raises(InvalidSettings, match=told):
        waves(graph, known)


def test_what_follows_a_wave_are_those_after_it(estate: Estate) -> None:
    graph = Graph.read(estate.folder)
    assert [set(one.stacks) for one in following(graph, "nonproduction")] == [set(wave(graph, "production").stacks)]
    assert len(following(graph, None)) == len(WAVES)
    assert following(graph, "production") == []
    with pytest.raises(InvalidSettings, match="no wave 'prodcution'; did you mean 'production'"):
        following(graph, "prodcution")
