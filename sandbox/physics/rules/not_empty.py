"""What has something in it is not deleted: buckets, datasets, folders, tag keys, networks, projects with a lock."""

from collections.abc import Callable

from sandbox.diagnostics import listing
from sandbox.physics.change import Change, Values, unmet
from sandbox.physics.references import path_in
from sandbox.physics.world import World
from sandbox.templates import last

ACTIONS = ("delete",)


def check(change: Change, world: World) -> None:
    if world.has(change.type, change.text("id")):
        _CHECKS[change.type](change.values, world)


def _bucket(values: Values, world: World) -> None:
    objects = [item.name for item in world.store.objects.find(str(values["name"]))]
    if objects and not values.get("force_destroy"):
        message = (
            f"Error trying to delete bucket {values['name']} containing objects without `force_destroy` set to true"
        )
        raise unmet(message, "conflict", way_out=f"It holds {listing(objects)}.")


def _dataset(values: Values, world: World) -> None:
    inside = world.store.under(
        "google_bigquery_table", f"projects/{values['project']}/datasets/{values['dataset_id']}/"
    )
    if inside and not values.get("delete_contents_on_destroy"):
        message = f"Dataset {values['project']}:{values['dataset_id']} is still in use"
        hint = f"It holds {listing([id_ for id_, _ in inside])}; empty it, or set delete_contents_on_destroy and apply."
        raise unmet(message, "resourceInUse", way_out=hint)


def _folder(values: Values, world: World) -> None:
    name, store = str(values["name"]), world.store
    children = [id_ for id_, held in store.find("google_folder") if held.get("parent") == name]
    children += [
        id_ for id_, held in store.find("google_project") if last(str(held.get("folder_id") or "")) == last(name)
    ]
    if children:
        raise unmet("Folder is not empty", way_out=f"Delete or move what is in it first: {listing(children)}.")


def _tag_key(values: Values, world: World) -> None:
    children = [id_ for id_, held in world.store.find("google_tags_tag_value") if held.get("parent") == values["id"]]
    if children:
        raise unmet(f"{values['id']} has values", way_out=f"Delete its values first: {listing(children)}.")


def _network(values: Values, world: World) -> None:
    using = [
        id_
        for type_ in ("google_compute_subnetwork", "google_compute_router", "google_compute_route")
        for id_, held in world.store.find(type_)
        if path_in(str(held.get("network") or "")) == values["id"]
    ]
    if using:
        message = f"The network resource '{values['id']}' is already being used by '{using[0]}'"
        raise unmet(message, "resourceInUseByAnotherResource", way_out=f"Delete first: {listing(using)}.")


def _project(values: Values, world: World) -> None:
    """Who locks the retention of a bucket gets a lien on the project of the bucket, for as long as there is one."""
    project = str(values["project_id"])
    locked = [
        id_
        for id_, held in world.store.find("google_storage_bucket")
        if world.project_id(str(held.get("project") or "")) == project
        and any(policy.get("is_locked") for policy in held.get("retention_policy") or ())
    ]
    if locked:
        hint = f"Delete first, once their retention has passed: {listing(locked)}."
        raise unmet(f"A lien to prevent deletion was placed on the project {project}.", way_out=hint)


def _online_store(values: Values, world: World) -> None:
    views = world.store.under("google_vertex_ai_feature_online_store_featureview", f"{values['id']}/featureViews/")
    if views and not values.get("force_destroy"):
        hint = f"It holds {listing([id_ for id_, _ in views])}; delete them, or set force_destroy and apply."
        raise unmet(f"FeatureOnlineStore {values['id']} has feature views", way_out=hint)


_CHECKS: dict[str, Callable[[Values, World], None]] = {
    "google_storage_bucket": _bucket,
    "google_bigquery_dataset": _dataset,
    "google_folder": _folder,
    "google_tags_tag_key": _tag_key,
    "google_compute_network": _network,
    "google_project": _project,
    "google_vertex_ai_feature_online_store": _online_store,
}
TYPES = list(_CHECKS)
