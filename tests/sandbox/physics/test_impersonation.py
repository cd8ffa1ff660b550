"""Terraform that a build runs takes an account only with Google's permission on it; a person takes any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.configuration import Configuration
from sandbox.physics import impersonation
from sandbox.physics.change import Broken
from sandbox.store import Store

BUILDER, READER, DEPLOYER = (f"{name}@seed.iam.gserviceaccount.com" for name in ("builder", "reader", "deployer"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A project with three accounts; the builder may take the reader."""
    with Store(tmp_path / "cloud.db") as found:
        found.put("google_project", "projects/seed", {"project_id": "seed", "org_id": "1", "id": "projects/seed"})
        for email in (BUILDER, READER, DEPLOYER):
            name = f"projects/seed/serviceAccounts/{email}"
            found.put("google_service_account", name, {"email": email, "project": "seed", "name": name})
        grant = {
            "service_account_id": f"projects/seed/serviceAccounts/{READER}",
            "role": "roles/iam.serviceAccountTokenCreator",
            "member": f"serviceAccount:{BUILDER}",
            "condition": [],
        }
        found.put("google_service_account_iam_member", "grant", grant)
        yield found


def test_a_build_takes_only_the_accounts_that_it_may_take(store: Store) -> None:
    impersonation.check(store, Configuration(impersonated=READER, acting=BUILDER))
    impersonation.check(store, Configuration(impersonated=DEPLOYER))
    impersonation.check(store, Configuration(impersonated=DEPLOYER, acting=DEPLOYER))
    with pytest.raises(Broken, match="getAccessToken") as raised:
        impersonation.check(store, Configuration(impersonated=DEPLOYER, acting=BUILDER))
    assert (raised.value.code, DEPLOYER in raised.value.message) == (403, True)
