"""Controls that tests hold: what the organization's policies forbid is refused in the estate as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from operations.graph import Graph
from sandbox import physics
from sandbox.physics.change import Broken, Change
from sandbox.schema import cached
from sandbox.store import Store
from tests.conftest import ROOT
from tests.estate import Estate
from tests.plans import STORE, plans_of_graph, resources_of

Values = dict[str, Any]

FOREIGN = "projects/acme-com-keys-k7q2x/locations/europe-west4/keyRings/own/cryptoKeys/own"
CASES = {
    "COM-CO-2.2": ("google_storage_bucket", {"encryption": [{"default_kms_key_name": FOREIGN}]}, "org_key_projects"),
    "COM-CO-2.3": ("google_storage_bucket", {"encryption": []}, "org_key_required"),
    "COM-CO-4.1": ("google_project_iam_member", {"member": "user:eve@elsewhere.example"}, "org_member_domains"),
    "HOUSE-DATA-2": ("google_storage_bucket", {"uniform_bucket_level_access": False}, "org_flags"),
    "RM-CO-4.1": ("google_project_service", {"service": "appengine.googleapis.com"}, "org_service_usage"),
    "RM-CO-4.2": ("google_compute_subnetwork", {"region": "us-central1"}, "org_locations"),
}


@pytest.fixture(scope="module")
def made(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Values]]]:
    """The estate in a store, and all that it holds."""
    work = tmp_path_factory.mktemp("controls")
    plans = plans_of_graph(Graph.read(estate.folder), cached(ROOT / ".sandbox" / "schema"), work)
    with Store(work / STORE) as store:
        yield store, [one for plan in plans.values() for one in resources_of(plan)]


@pytest.mark.proves(
    "COM-CO-2.2",
    "COM-CO-2.3",
    "COM-CO-4.1",
    "HOUSE-DATA-2",
    "RM-CO-4.1",
    "RM-CO-4.2",
    defect="a resource of the estate as a policy of the organization forbids it",
)
@pytest.mark.parametrize("control", CASES)
def test_what_a_policy_of_the_organization_forbids_is_refused(made: tuple[Store, list[Values]], control: str) -> None:
    store, resources = made
    type_, change, rule = CASES[control]
    values = next(one["values"] for one in resources if one["type"] == type_)
    store.delete(type_, str(values["id"]))
    try:
        physics.check(store, Change(type_, "create", values))
        with pytest.raises(Broken) as refused:
            physics.check(store, Change(type_, "create", values | change))
        assert refused.value.rule == rule
    finally:
        store.put(type_, str(values["id"]), values)
