import json

import pytest

from sandbox import schema
from sandbox.errors import SandboxError
from sandbox.schema import cached
from sandbox.typescript import Module


def test_everything_is_served(schemas):
    assert (schemas.google.version, schemas.beta.version) == ("6.50.0", "6.50.0")
    assert len(schemas.google.resources) == 1096
    assert len(schemas.google.data_sources) == 373
    assert len(schemas.beta.resources) == 1215
    assert {"google_project_service_identity", "google_vertex_ai_metadata_store"} <= schemas.beta.resources


def test_attributes_and_blocks(schemas):
    bucket = schemas.google.resource("google_storage_bucket")
    assert bucket.attributes["name"].required
    assert bucket.attributes["self_link"].computed and not bucket.attributes["self_link"].settable
    assert bucket.attributes["labels"].type_ == ["map", "string"]
    assert bucket.nested["versioning"].high == 1
    assert bucket.nested["lifecycle_rule"].high == 100
    assert bucket.nested["lifecycle_rule"].block.nested["condition"].low == 1


def test_what_the_bindings_lose_comes_from_the_facts(schemas):
    version = schemas.google.message.resource_schemas["google_secret_manager_secret_version"].block
    (secret,) = [item for item in version.attributes if item.name == "secret_data"]
    assert secret.sensitive
    (write_only,) = [item for item in version.attributes if item.name == "secret_data_wo"]
    assert write_only.SerializeToString().endswith(schema._WRITE_ONLY)


def test_provider_settings(schemas):
    settings = schemas.google.configuration
    assert settings.attributes["default_labels"].type_ == ["map", "string"]
    assert "alias" not in settings.attributes
    assert "batching" in settings.nested


def test_no_type_was_beyond_reading(schemas):
    def types(message):
        for item in message.resource_schemas.values():
            yield from (json.loads(attribute.type) for attribute in item.block.attributes)

    assert all("dynamic" not in json.dumps(type_) for type_ in types(schemas.google.message))


def test_a_schema_is_built_once_and_whole(tmp_path, monkeypatch):
    built = []
    monkeypatch.setattr(schema, "render", lambda provider: built.append(provider) or _tiny())
    first, second = cached(tmp_path), cached(tmp_path)
    assert built == ["google", "google-beta"]
    assert first.google.raw == second.google.raw
    assert sorted(file.name.split("_6")[0] for file in tmp_path.iterdir()) == ["schema_google", "schema_google-beta"]


def _tiny():
    response = schema.pb.GetProviderSchema.Response()
    response.resource_schemas["google_thing"].version = 1
    return response.SerializeToString()


def test_a_damaged_cache_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "render", lambda provider: b"\xff\xff")
    with pytest.raises(SandboxError, match=r"schema_google_.*damaged; delete the file"):
        cached(tmp_path)


def test_an_unwritable_cache_is_explained(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match="choose another"):
        cached(tmp_path / "file" / "inside")


TYPESCRIPT = """
export class DemoThing extends cdktf.TerraformResource {
  public static readonly tfResourceType = "google_demo_thing";
  // name - computed: false, optional: false, required: true
  private _name?: string;
  public get name() {
    return this.getStringAttribute('name');
  }
  // zones - computed: true, optional: true, required: false
  private _zones?: string[];
  public get zones() {
    return cdktf.Fn.tolist(this.getListAttribute('zones'));
  }
}
"""


def test_a_module_is_read():
    kind, type_, body = Module(TYPESCRIPT).parse()
    assert (kind, type_) == ("TerraformResource", "google_demo_thing")
    assert body.attributes["name"].required
    assert body.attributes["zones"].type_ == ["set", "string"]
