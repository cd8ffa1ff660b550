"""A secret of the catalog is announced when due, gets a new value, and the old one is closed after the overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud.secretmanager import SecretManagerServiceClient

from catalog_templates.template import find
from operations.builds.runner import credentials
from operations.catalog_launching import launch
from operations.outcome import Exit, OperationFailed
from operations.rotating import Secret, agent_of, announce
from tests.catalog.shop import order, shop

ADA = credentials("user:ada@example.com")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
WEEK = 7 * DAY


def states(secret: Secret) -> list[str]:
    client: Any = SecretManagerServiceClient(credentials=ADA)
    found = sorted(client.list_secret_versions(parent=secret.name), key=lambda it: it.create_time)
    return [it.state.name for it in found]


@pytest.mark.proves("SM-CO-6.2", defect="a rotation before it is due, and one by a stranger")
def test_a_due_secret_is_rotated_once_and_the_old_value_is_closed_after_the_overlap(
    deployed: Path, tmp_path: Path
) -> None:
    with shop(deployed, tmp_path, find("secret")) as (desk, _):
        made = launch(desk, order("secret", name="partner", rotation_days=30))
        secret = Secret(made.outputs["secret"], made.outputs["due"], ADA)
        assert secret.rotate(lambda: b"first", WEEK, NOW) == ["1 added"]
        assert secret.rotate(lambda: b"too early", WEEK, NOW) == []
        assert states(secret) == ["ENABLED"]
        with pytest.raises(Forbidden, match="access"):
            SecretManagerServiceClient(credentials=ADA).access_secret_version(name=f"{secret.name}/versions/1")
        stranger = Secret(secret.name, secret.due, credentials("user:bert@example.com"))
        with pytest.raises(OperationFailed) as refused:
            stranger.rotate(lambda: b"mine", WEEK, NOW)
        assert refused.value.code == Exit.REFUSED
        agent = agent_of(desk.place("churn", "interactive"))
        assert announce(secret, agent, NOW) is None
        due = announce(secret, agent, NOW + 31 * DAY)
        assert due is not None
        assert abs(due - NOW - 30 * DAY) < DAY
        assert announce(secret, agent, NOW + 31 * DAY) is None
        assert secret.rotate(lambda: b"second", WEEK, NOW) == ["2 added"]
        assert secret.rotate(lambda: b"again", WEEK, NOW) == []
        assert states(secret) == ["ENABLED", "ENABLED"]
        assert read(secret, "latest") == b"second"
        assert secret.rotate(lambda: b"again", WEEK, NOW + 8 * DAY) == ["1 disabled"]
        assert states(secret) == ["DISABLED", "ENABLED"]
        with pytest.raises(OperationFailed, match=r"pubsub\.topics\.publish"):
            announce(secret, "service-1@gcp-sa-secretmanager.iam.gserviceaccount.com", NOW + 99 * DAY)


def read(secret: Secret, version: str) -> bytes:
    """A value as the notebook reads it."""
    notebook = credentials("serviceAccount:notebook@acme-int-churn-k7q2.iam.gserviceaccount.com")
    client: Any = SecretManagerServiceClient(credentials=notebook)
    return bytes(client.access_secret_version(name=f"{secret.name}/versions/{version}").payload.data)
