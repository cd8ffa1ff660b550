"""What Google and its provider refuse to delete, and what goes along with what is deleted."""

from collections.abc import Callable
from typing import Any

from sandbox import facts
from sandbox.diagnostics import Refused, listing
from sandbox.store import Store
from sandbox.templates import last

Values = dict[str, Any]


def delete(store: Store, type_: str, values: Values) -> None:
    """Delete a resource and what cannot live without it, or raise Refused and change nothing."""
    id_ = str(values.get("id") or "")
    if store.get(type_, id_) is None:
        return
    _protected(type_, values, id_)
    check = _CHECKS.get(type_)
    if check:
        check(store, values)
    if _stays(type_, values):
        return
    if type_ == "google_project":
        _with_project(store, str(values["project_id"]))
    _remove(store, type_, id_, values)


def _protected(type_: str, values: Values, id_: str) -> None:
    if values.get("deletion_protection") is True:
        raise Refused(
            f"cannot destroy {type_} {id_} without setting deletion_protection=false",
            "Set deletion_protection to false, apply, then destroy.",
        )
    if values.get("deletion_policy") == "PREVENT":
        raise Refused(
            f"cannot destroy {type_} {id_} as deletion_policy is set to PREVENT",
            "Set deletion_policy to DELETE, apply, then destroy.",
        )


def _stays(type_: str, values: Values) -> bool:
    """Does Terraform only forget it?"""
    return values.get("deletion_policy") == "ABANDON" or (
        type_ == "google_project_service" and values.get("disable_on_destroy") is False
    )


def _bucket(store: Store, values: Values) -> None:
    name = str(values["name"])
    objects = [item.name for item in store.list_objects(name)]
    if objects and not values.get("force_destroy"):
        raise Refused(
            f"Error trying to delete bucket {name} containing objects without `force_destroy` set to true",
            f"It holds {listing(objects)}.",
        )
    for item in objects:
        store.delete_object(name, item)
    for id_, held in store.find("google_storage_bucket_object"):
        if held.get("bucket") == name:
            store.delete("google_storage_bucket_object", id_)


def _dataset(store: Store, values: Values) -> None:
    def inside(held: Values) -> bool:
        return bool(last(str(held.get("dataset_id"))) == values["dataset_id"] and held["project"] == values["project"])

    tables = [(id_, held) for id_, held in store.find("google_bigquery_table") if inside(held)]
    if tables and not values.get("delete_contents_on_destroy"):
        name = f"{values['project']}:{values['dataset_id']}"
        raise Refused(
            f"Error deleting Dataset: googleapi: Error 400: Dataset {name} is still in use, resourceInUse",
            f"It holds {listing([id_ for id_, _ in tables])}; empty it, or set delete_contents_on_destroy and apply.",
        )
    for id_, _ in tables:
        store.delete("google_bigquery_table", id_)


def _folder(store: Store, values: Values) -> None:
    name = str(values["name"])
    children = [id_ for id_, held in store.find("google_folder") if held.get("parent") == name]
    children += [
        id_ for id_, held in store.find("google_project") if last(str(held.get("folder_id") or "")) == last(name)
    ]
    if children:
        raise Refused(
            f"Error deleting folder '{name}': googleapi: Error 400: Folder is not empty, failedPrecondition",
            f"Delete or move what is in it first: {listing(children)}.",
        )


def _tag_key(store: Store, values: Values) -> None:
    children = [id_ for id_, held in store.find("google_tags_tag_value") if held.get("parent") == values["id"]]
    if children:
        raise Refused(
            f"Error deleting TagKey: googleapi: Error 400: {values['id']} has values, failedPrecondition",
            f"Delete its values first: {listing(children)}.",
        )


def _with_project(store: Store, project: str) -> None:
    """Everything in a project is gone with it."""
    for type_, id_, values in list(store.everything()):
        if type_ != "google_project" and last(str(values.get("project") or "")) == project:
            if type_ == "google_storage_bucket":
                for item in store.list_objects(str(values["name"])):
                    store.delete_object(item.bucket, item.name)
            _remove(store, type_, id_, values)


def _remove(store: Store, type_: str, id_: str, values: Values) -> None:
    store.delete(type_, id_, keep=type_ in facts.table("ids")["kept"])
    if type_ == "google_storage_bucket_object":
        store.delete_object(str(values["bucket"]), str(values["name"]))


_CHECKS: dict[str, Callable[[Store, Values], None]] = {
    "google_storage_bucket": _bucket,
    "google_bigquery_dataset": _dataset,
    "google_folder": _folder,
    "google_tags_tag_key": _tag_key,
}
