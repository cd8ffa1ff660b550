"""What goes along with what is deleted, and what only Terraform forgets; the rules have agreed before."""

from collections.abc import Callable
from typing import Any

from sandbox import facts
from sandbox.store import Store
from sandbox.templates import last

Values = dict[str, Any]


def delete(store: Store, type_: str, values: Values) -> None:
    """Delete a resource and what cannot live without it, and nothing where there is no such thing."""
    id_ = str(values.get("id") or "")
    if store.get(type_, id_) is None:
        return
    if _stays(type_, values):
        return
    if contents := _CONTENTS.get(type_):
        contents(store, values)
    if type_ == "google_project":
        _with_project(store, str(values["project_id"]))
    _remove(store, type_, id_, values)


def _stays(type_: str, values: Values) -> bool:
    """Does Terraform only forget it?"""
    return values.get("deletion_policy") == "ABANDON" or (
        type_ == "google_project_service" and values.get("disable_on_destroy") is False
    )


def _bucket(store: Store, values: Values) -> None:
    """The objects of a bucket, and what is known of them."""
    name = str(values["name"])
    store.objects.clear(name)
    for id_, held in store.find("google_storage_bucket_object"):
        if held.get("bucket") == name:
            store.delete("google_storage_bucket_object", id_)


def _dataset(store: Store, values: Values) -> None:
    """The tables of a dataset."""
    for id_, _ in store.under(
        "google_bigquery_table", f"projects/{values['project']}/datasets/{values['dataset_id']}/"
    ):
        store.delete("google_bigquery_table", id_)


def _network(store: Store, values: Values) -> None:
    """The peerings that Terraform has let go of: they are of the network."""
    for id_, _ in store.under("google_service_networking_connection", f"{values['id']}:"):
        store.delete("google_service_networking_connection", id_)


def _with_project(store: Store, project: str) -> None:
    """Everything in a project is gone with it."""
    for type_, id_, values in list(store.everything()):
        if type_ != "google_project" and last(str(values.get("project") or "")) == project:
            if contents := _CONTENTS.get(type_):
                contents(store, values)
            _remove(store, type_, id_, values)


def _remove(store: Store, type_: str, id_: str, values: Values) -> None:
    store.delete(type_, id_, keep=type_ in facts.table("ids")["kept"])
    if type_ == "google_storage_bucket_object":
        store.objects.delete(str(values["bucket"]), str(values["name"]))


_CONTENTS: dict[str, Callable[[Store, Values], None]] = {
    "google_storage_bucket": _bucket,
    "google_bigquery_dataset": _dataset,
    "google_compute_network": _network,
}
