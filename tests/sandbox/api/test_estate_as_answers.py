"""Terraform and Google's clients look at the same things."""

import json
from collections import Counter

import pytest
from google.cloud import pubsub_v1, storage

from sandbox import redirect
from sandbox.api import checking, discovery, mapping
from sandbox.api.server import facade, serving
from sandbox.session import running
from sandbox.store import Store
from tests.terraform_folder import SCHEMA

STACK = {
    "terraform": {"required_providers": {"google": {"source": "hashicorp/google"}}},
    "provider": {"google": {"project": "p1"}},
    "resource": {
        "google_storage_bucket": {"b": {"name": "made-by-terraform", "location": "EU", "labels": {"team": "churn"}}},
        "google_pubsub_topic": {"t": {"name": "alerts"}},
    },
}
READER = {"data": {"google_storage_bucket": {"b": {"name": "made-by-client"}}}}


@pytest.fixture
def act(monkeypatch, tmp_path):
    from tests.sandbox.api.conftest import furnish

    with running(tmp_path / "sandbox", schema=SCHEMA) as cloud, serving(cloud.store, SCHEMA) as served:
        furnish(cloud.store)
        monkeypatch.setenv(redirect.PRINCIPAL, redirect.OPERATOR)
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p1")
        redirect.install(served.endpoint)

        def terraform(*words):
            done = cloud.terraform(words, cwd=tmp_path)
            assert done.returncode in (0, 2), done.stderr
            return done

        yield terraform


def test_what_terraform_makes_the_client_sees_and_the_other_way_round(act, tmp_path):
    (tmp_path / "main.tf.json").write_text(json.dumps(STACK))
    act("init", "-input=false")
    act("apply", "-auto-approve", "-input=false")
    client = storage.Client()
    found = client.get_bucket("made-by-terraform")
    assert (found.location, found.labels["team"]) == ("EU", "churn")
    assert [topic.name for topic in pubsub_v1.PublisherClient().list_topics(project="projects/p1")] == [
        "projects/p1/topics/alerts"
    ]
    client.create_bucket("made-by-client", location="europe-west1")
    (tmp_path / "reader.tf.json").write_text(json.dumps(READER))
    assert act("plan", "-input=false", "-detailed-exitcode").returncode == 0
    found.labels = {"team": "other"}
    found.patch()
    drift = act("plan", "-input=false", "-detailed-exitcode")
    assert (drift.returncode, '"other"' in drift.stdout) == (2, True)
    act("destroy", "-auto-approve", "-input=false")
    assert [bucket.name for bucket in client.list_buckets()] == ["made-by-client"]


def test_every_resource_of_the_estate_is_a_valid_answer_of_its_api(deployed, tmp_path):
    seen: Counter[str] = Counter()
    with Store(deployed / ".sandbox" / "cloud.db") as held:
        held.snapshot(tmp_path / "cloud.db")
    with Store(tmp_path / "cloud.db") as store:
        resources = facade(store, SCHEMA, "").resources
        for type_, id_, values in list(store.everything()):
            line = mapping.of_type(type_)
            if line is None or type_ == "google_organization":
                continue
            api = next(api for api in _versions(line.api) if line.schema in api.schemas)
            name = resources.plain(line.name_of(id_, values))
            shown = resources.existing(api, name)
            assert checking.body(api, line.schema, shown) == shown
            seen[type_] += 1
    assert len(seen) > 20, seen
    assert seen["google_project_service"] > 100


def _versions(name: str) -> list[discovery.Api]:
    return [discovery.api(name, version) for version in reversed(discovery.versions()[name])]
