"""Rotation of a secret of the catalog: what is due gets a new value, and the old one is closed after an overlap.

Secret Manager announces in a topic that a value is due; the message waits in a subscription. Whoever rotates - a person
of the team, or a job of theirs - adds a version and takes the message away. No step reads a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.catalog_engine import must_exist
from operations.catalog_facts import Place
from operations.catalog_opening import at_the_desk
from operations.google_words import told
from settings.values import EnvironmentKey

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

ROTATE = "SECRET_ROTATE"
MOST, PATIENCE = 100, 10.0
Value = Callable[[], bytes]


@dataclass(frozen=True)
class Secret:
    """A secret, the subscription in which it is announced, and who works on it."""

    name: str
    due: str
    who: Credentials | None

    def rotate(self, value: Value, overlap: timedelta, now: datetime | None = None) -> list[str]:
        """Add a value where one is due or none is there, then close what was replaced longer ago than the overlap."""
        done = []
        with _told(self.name):
            waiting = self.waiting()
            if waiting or not list(self._client.list_secret_versions(parent=self.name)):
                made = self._client.add_secret_version(parent=self.name, payload={"data": value()})
                if waiting:
                    self._queue.acknowledge(subscription=self.due, ack_ids=waiting)
                done.append(f"{made.name.rpartition('/')[2]} added")
            done += [f"{number} disabled" for number in self._closed(overlap, now or datetime.now(UTC))]
        return done

    def waiting(self) -> list[str]:
        """The messages that say that it is due."""
        from google.api_core.exceptions import DeadlineExceeded

        try:
            answer = self._queue.pull(subscription=self.due, max_messages=MOST, timeout=PATIENCE, retry=None)
        except DeadlineExceeded:
            return []
        pulled = answer.received_messages
        return [it.ack_id for it in pulled if it.message.attributes.get("eventType") == ROTATE]

    def _closed(self, overlap: timedelta, now: datetime) -> Iterator[str]:
        from google.cloud.secretmanager import SecretVersion

        found = sorted(self._client.list_secret_versions(parent=self.name), key=lambda it: it.create_time)
        for old, newer in pairwise(found):
            if old.state == SecretVersion.State.ENABLED and newer.create_time + overlap <= now:
                self._client.disable_secret_version(name=old.name)
                yield old.name.rpartition("/")[2]

    @property
    def _client(self) -> Any:
        from google.cloud.secretmanager import SecretManagerServiceClient

        return SecretManagerServiceClient(credentials=self.who)

    @property
    def _queue(self) -> Any:
        from google.pubsub_v1 import SubscriberClient

        return SubscriberClient(credentials=self.who)


def rotated(
    root: Path,
    name: str,
    *,
    settings: Path,
    target: str,
    team: str,
    environment: EnvironmentKey,
    who: str,
    value: Value,
    overlap: timedelta,
) -> list[str]:
    """Rotate secret NAME of a team, if it is due; what was done, a line each."""
    with _opened(settings, root, target, team, environment, name, who) as (secret, _):
        return secret.rotate(value, overlap)


def announced(
    root: Path, name: str, *, settings: Path, team: str, environment: EnvironmentKey, on: datetime
) -> datetime | None:
    """Play the sandbox's Secret Manager on a day: the date that was due, None where nothing is."""
    with _opened(settings, root, "sandbox", team, environment, name, "") as (secret, place):
        return announce(secret, agent_of(place), on)


def agent_of(place: Place) -> str:
    """The agent of Secret Manager in a project."""
    return str(place.fact("agent.secretmanager", person="", deployment="", ordered_at=""))


def announce(secret: Secret, agent: str, on: datetime) -> datetime | None:
    """What Secret Manager does by itself: tell the topic, as its agent, that a secret is due, and move the date on."""
    from google.cloud.secretmanager import SecretManagerServiceClient
    from google.pubsub_v1 import PublisherClient, PubsubMessage

    client: Any = SecretManagerServiceClient()
    found: Any = client.get_secret(name=secret.name)
    due: datetime = found.rotation.next_rotation_time
    if due > on:
        return None
    message = PubsubMessage(data=b"{}", attributes={"eventType": ROTATE, "secretId": secret.name})
    with _told(secret.name):
        publisher = PublisherClient(credentials=_credentials(f"serviceAccount:{agent}"))
        publisher.publish(topic=found.topics[0].name, messages=[message])
        found.rotation.next_rotation_time = due + found.rotation.rotation_period
        client.update_secret(secret=found, update_mask={"paths": ["rotation"]})
    return due


@contextmanager
def _opened(
    settings: Path, root: Path, target: str, team: str, environment: EnvironmentKey, name: str, who: str
) -> Iterator[tuple[Secret, Place]]:
    with at_the_desk(settings, root, target) as desk:
        place = desk.place(team, environment)
        made = must_exist(desk.engine, place.project, f"secret-{name}")
        acting = _credentials(who) if target == "sandbox" and who else None
        yield Secret(made.outputs["secret"], made.outputs["due"], acting), place


def _credentials(who: str) -> Credentials:
    from operations.builds.runner import credentials

    return credentials(who)


def _told(place: str) -> AbstractContextManager[None]:
    return told(place, "see 'blueprint catalog describe'", refused="ask the team whose secret it is")
