"""Defects that tests plant where the sandbox, like Google, lets nobody plant them."""

from sandbox.store import Store


def replace_object(store: Store, bucket: str, name: str, data: bytes) -> None:
    """Other bytes under the name of an object that the bucket's retention keeps."""
    held = store.get("google_storage_bucket", bucket) or {}
    store.put("google_storage_bucket", bucket, held | {"retention_policy": []})
    store.objects.put(bucket, name, data)
    store.put("google_storage_bucket", bucket, held)
