"""Self-service: what was ordered exists, what may not be ordered is refused with the reason and the way out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from requests import Request, Response

from catalog_templates.archive import archive
from catalog_templates.template import Template, keys, read
from operations.catalog_deployment import Deployment
from operations.catalog_desk import Desk
from operations.catalog_engine import Engine, Progress, Taken, silent
from operations.catalog_index import Release, numbers
from operations.catalog_launching import delete, launch, preview_of_update, previewed, update
from operations.catalog_order import Person
from operations.catalog_publish import fetch
from operations.catalog_supply import registered
from operations.catalog_web.work import Work
from operations.outcome import Exit, OperationFailed
from sandbox.store import Store
from sandbox.workloads.deployments import give_up
from settings.problems import InvalidSettings
from tests.catalog.shop import offer, order, shop
from tests.catalog_templates.spoiling import spoiled
from tests.tampering import replace_object

BUCKET = "acme-int-churn-k7q2-data-images"


@pytest.fixture(scope="module")
def opened(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Store]]:
    with shop(deployed, tmp_path_factory.mktemp("shop")) as both:
        yield both


@pytest.fixture(scope="module")
def desk(opened: tuple[Desk, Store]) -> Desk:
    return opened[0]


@pytest.fixture(scope="module")
def store(opened: tuple[Desk, Store]) -> Store:
    return opened[1]


@pytest.fixture(autouse=True)
def clean(desk: Desk) -> Iterator[None]:
    yield
    for one in desk.deployments():
        delete(desk, order(), one.name)


def test_a_launch_makes_what_the_template_describes_and_says_as_whom(desk: Desk, store: Store) -> None:
    """I2: no rights of the person are used."""
    done: list[str] = []
    made = launch(desk, order(keep_days=100), done.append)
    bucket = store.get("google_storage_bucket", BUCKET)
    assert bucket is not None
    assert bucket["labels"]["ordered-by"] == "ada-example-com"
    assert made.deployer == "launch-bucket@acme-int-churn-k7q2.iam.gserviceaccount.com"
    assert (made.state, made.outputs["bucket"]) == ("ACTIVE", BUCKET)
    assert sorted(done) == made.resources == ["google_storage_bucket.this", "google_storage_bucket_iam_member.people"]


def test_the_group_of_the_launcher_works_with_the_data_and_grants_nothing(desk: Desk, store: Store) -> None:
    """I4b, I4d."""
    launch(desk, order())
    grants = [values for _, values in store.find("google_storage_bucket_iam_member")]
    held = {(it["role"], it["member"]) for it in grants if it["bucket"] == BUCKET}
    assert held == {("roles/storage.objectUser", "group:grp-acme-data-scientist-churn@example.com")}


@pytest.mark.proves("SC2", "HOUSE-AI-3", defect="an order for an operational environment")
def test_what_is_ordered_appears_in_the_interactive_project_and_in_no_other(desk: Desk, store: Store) -> None:
    before = {(type_, id_) for type_, id_, _ in store.everything()}
    launch(desk, order("bigquery_dataset", name="prepared"))
    made = [values for type_, id_, values in store.everything() if (type_, id_) not in before]
    assert {values["project"] for values in made} == {"acme-int-churn-k7q2"}
    for environment in ("nonproduction", "production"):
        with pytest.raises(OperationFailed, match="is not offered"):
            launch(desk, replace(order("bigquery_dataset", name="other"), environment=environment))


def test_an_update_changes_what_was_chosen_and_keeps_the_rest(desk: Desk, store: Store) -> None:
    launch(desk, order(keep_days=100, classification="internal"))
    changed = update(desk, order(keep_days=200), "bucket-images", None)
    bucket = store.get("google_storage_bucket", BUCKET)
    assert bucket is not None
    assert sorted(rule["condition"][0]["age"] for rule in bucket["lifecycle_rule"] if rule["condition"][0]["age"]) == [
        90,
        200,
    ]
    assert bucket["labels"]["classification"] == "internal"
    assert changed.ordered_at <= changed.changed_at


def test_a_preview_says_what_an_order_would_make_and_makes_nothing(desk: Desk, store: Store) -> None:
    before = store.count()
    wanted = ["create google_storage_bucket.this", "create google_storage_bucket_iam_member.people"]
    assert previewed(desk, order()) == wanted
    assert store.count() == before
    launch(desk, order())
    changes = preview_of_update(desk, order(keep_days=200), "bucket-images", None)
    assert changes == ["update google_storage_bucket.this", "unchanged google_storage_bucket_iam_member.people"]


def test_a_name_cannot_be_changed(desk: Desk) -> None:
    launch(desk, order())
    with pytest.raises(InvalidSettings, match="order a new one"):
        update(desk, order(name="pictures"), "bucket-images", None)


def test_a_delete_leaves_nothing(desk: Desk, store: Store) -> None:
    before = store.count()
    launch(desk, order())
    delete(desk, order(), "bucket-images")
    assert store.count() == before
    assert desk.deployments() == []


def test_a_bucket_with_objects_is_not_deleted_and_the_error_says_what_remains(desk: Desk, store: Store) -> None:
    launch(desk, order())
    store.objects.put(BUCKET, "a.png", b"x")
    with pytest.raises(OperationFailed, match=r"remaining: google_storage_bucket\.this"):
        delete(desk, order(), "bucket-images")
    assert [one.state for one in desk.deployments("churn")] == ["FAILED"]
    store.objects.delete(BUCKET, "a.png")


def test_a_failed_launch_leaves_nothing(desk: Desk, store: Store) -> None:
    """The name is taken by a bucket that the catalog knows nothing of: half of the order cannot be made."""
    store.put("google_storage_bucket", BUCKET, {"id": BUCKET, "name": BUCKET})
    before = store.count()
    with pytest.raises(OperationFailed, match="nothing remains; fix the cause and order again"):
        launch(desk, order())
    assert store.count() == before
    assert desk.deployments() == []
    store.delete("google_storage_bucket", BUCKET)


def test_what_cannot_be_taken_back_after_a_failed_launch_is_named(desk: Desk, store: Store) -> None:
    """The deployer is gone in the middle: it holds no resource, and the deployment itself is still there."""

    class Stubborn(Engine):
        def delete(self, gone: Deployment, progress: Progress = silent) -> None:
            raise Taken(f"{gone.name} is locked by another operation.")

    store.put("google_storage_bucket", BUCKET, {"id": BUCKET, "name": BUCKET})
    blocked = replace(desk, engine=Stubborn(desk.engine.region, desk.engine.who))
    with pytest.raises(OperationFailed) as refused:
        launch(blocked, order())
    assert "nothing remains" not in str(refused.value)
    assert "remaining: " in str(refused.value)
    assert "deployment bucket-images; fix the cause, run 'blueprint catalog delete bucket-images'" in str(refused.value)
    assert [one.name for one in desk.deployments()] == ["bucket-images"]
    store.delete("google_storage_bucket", BUCKET)


def test_what_is_taken_down_while_a_list_is_read_is_left_out(desk: Desk) -> None:
    class Slow(Engine):
        def _read(self, project: str, found: Any) -> Deployment:
            if found.name.endswith("/bucket-gone"):
                delete(desk, order(), "bucket-gone")
            return super()._read(project, found)

    for name in ("gone", "images"):
        launch(desk, order(name=name))
    read_slowly = replace(desk, engine=Slow(desk.engine.region, desk.engine.who))
    assert [one.name for one in read_slowly.deployments()] == ["bucket-images"]


def test_a_preview_is_taken_down_whether_or_not_it_ends_well(desk: Desk, store: Store) -> None:
    class Broken(Engine):
        def _wait(self, of: Deployment, operation: Any, progress: Progress) -> None:
            super()._wait(of, operation, progress)
            raise OperationFailed(of.name, "cannot be made", "try again")

    with pytest.raises(OperationFailed, match="cannot be made"):
        previewed(replace(desk, engine=Broken(desk.engine.region, desk.engine.who)), order())
    assert list(store.documents.find("config:projects/locations/previews")) == []


def test_a_preview_of_a_deployment_that_is_being_changed_is_refused(desk: Desk) -> None:
    class Busy(Engine):
        def preview(self, wanted: Deployment, *, existing: bool) -> list[str]:
            raise Taken(f"{wanted.name} is locked by another operation.")

    launch(desk, order())
    busy = replace(desk, engine=Busy(desk.engine.region, desk.engine.who))
    with pytest.raises(OperationFailed, match="is being changed already") as refused:
        preview_of_update(busy, order(keep_days=200), "bucket-images", None)
    assert refused.value.code == Exit.REFUSED


def test_the_page_tells_why_what_is_still_there_was_not_deleted(desk: Desk) -> None:
    launch(desk, order())
    work = Work(desk, order(person=EVE))
    work.remove("bucket-images")
    work.close()
    (shown,) = work.deployments()
    assert (shown["state"], shown["resources"] != []) == ("ACTIVE", True)
    assert "eve@example.com: is not in data_scientist/churn" in shown["error"]


@pytest.mark.parametrize(("status", "there"), [(403, None), (404, None), (429, "Slow down"), (503, "Slow down")])
def test_only_a_project_that_nobody_shows_does_not_exist(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, status: int, there: str | None
) -> None:
    """Where Google cannot answer, the project is not said to be missing."""
    answer = Response()
    answer.status_code, answer._content = status, b'{"error": {"message": "Slow down"}}'
    answer.request = Request("GET", "https://example.com").prepare()
    monkeypatch.setattr("google.auth.transport.requests.AuthorizedSession.get", lambda *_, **__: answer)
    engine = Engine(desk.engine.region, desk.engine.who)
    if there is None:
        assert engine.number("acme-int-churn-k7q2") is None
    else:
        with pytest.raises(OperationFailed, match=there):
            engine.number("acme-int-churn-k7q2")


EVE = Person("eve@example.com", "data_scientist", "churn")
REFUSED = {
    "in production": (replace(order(), environment="production"), "not offered in production; order it in interactive"),
    "as somebody who writes templates": (
        order(person=Person("m@example.com", "mlops_engineer", None)),
        "may not order",
    ),
    "for another team": (order(person=Person("b@example.com", "data_scientist", "assistant")), "is not in team churn"),
    "as somebody who is in no team": (
        order(person=EVE),
        "is not in data_scientist/churn; order as one of ada@example.com",
    ),
    "a version that never was": (replace(order(), version="9.0.0"), "is not in the catalog; there are 1"),
    "a template that never was": (replace(order(), template="buckt"), "did you mean 'bucket'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_order_is_refused_with_the_reason(desk: Desk, what: str) -> None:
    wanted, told = REFUSED[what]
    with pytest.raises(OperationFailed) as refused:
        launch(desk, wanted)
    assert told in str(refused.value)
    assert refused.value.code in (Exit.REFUSED, Exit.BAD_INPUT)


def test_what_the_template_does_not_accept_is_told_in_its_own_words_all_at_once(desk: Desk) -> None:
    choices = {"name": "Images", "keep_days": 1, "kms_key": "mine", "colour": "red"}
    with pytest.raises(InvalidSettings) as refused:
        launch(desk, replace(order(), choices=choices))
    told = {problem.place: problem.way_out for problem in refused.value.problems}
    assert told == {
        "name": desk.template("bucket", newest(desk, "bucket")).variables["name"].messages[0],
        "keep_days": "Choose a whole number of days from 30 to 3650.",
        "purpose": "give it a value",
        "kms_key": "leave it out",
        "colour": "inputs are name, purpose, classification, keep_days, cold_after_days",
    }


def test_the_same_order_twice_makes_one(desk: Desk) -> None:
    launch(desk, order())
    with pytest.raises(OperationFailed, match="exists already"):
        launch(desk, order())
    assert len(desk.deployments()) == 1


def test_a_team_over_its_quota_is_told_what_to_do(desk: Desk, tmp_path: Path) -> None:
    release = spoiled(tmp_path, "bucket", "manifest.yaml", "quota: 10", "quota: 1")
    newer = spoiled_version(tmp_path / "v", release.folder, "1.0.1")
    offer(desk, newer)
    launch(desk, order())
    with pytest.raises(OperationFailed, match="has 1 of 1 'bucket' already; delete one"):
        launch(desk, order(name="more"))
    desk.index.set_state("bucket", "1.0.1", "withdrawn")


def test_a_withdrawn_and_an_expired_version_are_refused_and_serve_what_exists(desk: Desk) -> None:
    made = launch(desk, order("bigquery_dataset", name="prepared"))
    desk.index.set_state("bigquery_dataset", made.version, "withdrawn")
    with pytest.raises(OperationFailed, match="has no version on offer"):
        launch(desk, order("bigquery_dataset", name="other"))
    with pytest.raises(OperationFailed, match="was withdrawn"):
        launch(desk, replace(order("bigquery_dataset", name="other"), version=made.version))
    assert update(desk, order("bigquery_dataset", name="prepared", table_days=7), made.name, None).state == "ACTIVE"
    desk.index.set_state("bigquery_dataset", made.version, "offered", "2020-01-31")
    with pytest.raises(OperationFailed, match="expired on 2020-01-31"):
        launch(desk, replace(order("bigquery_dataset", name="other"), version=made.version))
    desk.index.set_state("bigquery_dataset", made.version, "offered")


def test_where_the_newest_version_has_expired_the_one_before_is_on_offer(desk: Desk, tmp_path: Path) -> None:
    """SC6: what people find, what is registered and what a launch makes are the same version."""
    offer(desk, spoiled_version(tmp_path, desk.template("pubsub_topic", newest(desk, "pubsub_topic")).folder, "1.9.0"))
    assert desk.on_offer()["pubsub_topic"][0] == "1.9.0"
    desk.index.set_state("pubsub_topic", "1.9.0", "offered", "2020-01-31")
    registered(desk)
    (known,) = desk.catalog.catalogs()
    version = desk.on_offer()["pubsub_topic"][0]
    assert version == known.solutions["pubsub_topic"].version != "1.9.0"
    assert launch(desk, order("pubsub_topic", name="events")).version == version
    desk.index.set_state("pubsub_topic", "1.9.0", "withdrawn")


@pytest.mark.proves("SC6", "I1a", defect="a template on offer that was never registered")
def test_what_is_not_registered_is_not_ordered(desk: Desk, store: Store) -> None:
    """SC1: people find a template only where Service Catalog shares it."""
    (known,) = desk.catalog.catalogs()
    assert sorted(known.solutions) == keys()
    assert known.projects == ["acme-int-assistant-k7q2", "acme-int-churn-k7q2"]
    without = known.model_copy(update={"solutions": {k: it for k, it in known.solutions.items() if k != "bucket"}})
    assert desk.catalog.register([without]) == ["bucket removed"]
    with pytest.raises(OperationFailed, match="is not shared with"):
        launch(desk, order())
    unshared = known.model_copy(update={"projects": ["acme-int-assistant-k7q2"]})
    assert desk.catalog.register([unshared])[-1] == "no longer shared with acme-int-churn-k7q2"
    with pytest.raises(OperationFailed, match="is not shared with"):
        launch(desk, order())
    assert desk.catalog.register([known]) == ["shared with acme-int-churn-k7q2"]


@pytest.mark.proves("SC4", defect="other bytes under the name of a published archive")
def test_an_archive_that_was_changed_in_the_bucket_is_not_launched(desk: Desk, store: Store, tmp_path: Path) -> None:
    """SC5: what is launched is what was published, byte for byte."""
    copy = spoiled_version(tmp_path, desk.template("workbench", newest(desk, "workbench")).folder, "1.7.0")
    offer(desk, copy)
    release = newest(desk, "workbench")
    assert fetch(desk.index.shelf, release) == archive(copy).data
    bucket = desk.index.shelf.place.removeprefix("gs://")
    replace_object(store, bucket, release.archive, b"PK something else")
    with pytest.raises(OperationFailed, match="is not the archive that was published"):
        launch(desk, order("workbench", name="ana"))
    desk.index.set_state("workbench", "1.7.0", "withdrawn")


def test_no_launch_without_the_deployer_of_the_template(desk: Desk, store: Store) -> None:
    """W7: nothing is made as anybody else."""
    identity = "projects/acme-int-churn-k7q2/serviceAccounts/launch-bucket@acme-int-churn-k7q2.iam.gserviceaccount.com"
    kept = store.get("google_service_account", identity)
    assert kept is not None
    store.delete("google_service_account", identity)
    with pytest.raises(OperationFailed, match="actAs"):
        launch(desk, order())
    assert desk.deployments() == []
    store.put("google_service_account", identity, kept)


def test_what_a_dead_process_left_under_way_is_marked_and_can_be_deleted(desk: Desk, store: Store) -> None:
    made = launch(desk, order())
    ((name, body),) = store.documents.find("config:projects/locations/deployments")
    store.documents.put("config:projects/locations/deployments", name, body | {"state": "CREATING"})
    assert give_up(store) == [name]
    assert desk.deployments()[0].error == "the process that worked on it ended"
    assert desk.deployments()[0].name == made.name


def newest(desk: Desk, key: str) -> Release:
    contents = desk.index.read()
    return contents.templates[key][contents.offered(key) or ""]


def spoiled_version(tmp_path: Path, folder: Path, version: str) -> Template:
    """The template of a folder as a later version."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    text = (copy / "manifest.yaml").read_text()
    (copy / "manifest.yaml").write_text(text.replace("version: 1.0.0", f"version: {version}"))
    assert numbers(version) > numbers("1.0.0")
    return read(copy)
