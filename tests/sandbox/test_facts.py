import re
import textwrap

import pytest

from sandbox import facts
from sandbox.facts.golang import Literal, Package, read
from sandbox.facts.schemas import Facts, Source, walk
from sandbox.iam.roles import permissions
from sandbox.templates import agent


def replaces(type_, path):
    return facts.knowledge(type_).replaces(path)


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("google_storage_bucket", "name"),
        ("google_storage_bucket", "location"),
        ("google_storage_bucket", "project"),
        ("google_project", "project_id"),
        ("google_kms_crypto_key", "key_ring"),
        ("google_project_iam_member", "member"),
        ("google_storage_bucket_iam_member", "condition"),
        ("google_vertex_ai_metadata_store", "region"),
        ("google_project_service_identity", "service"),
        ("google_container_cluster", "location"),
    ],
)
def test_changes_that_replace(type_, path):
    assert replaces(type_, path)


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("google_compute_subnetwork", "ip_cidr_range"),
        ("google_storage_bucket", "labels"),
        ("google_storage_bucket", "storage_class"),
        ("google_project", "folder_id"),
        ("google_kms_crypto_key", "rotation_period"),
        ("google_project_iam_binding", "members"),
    ],
)
def test_changes_in_place(type_, path):
    assert not replaces(type_, path)


def test_defaults():
    assert facts.of("google_bigquery_dataset")["default"]["delete_contents_on_destroy"] is False
    assert facts.of("google_storage_bucket")["default"]["storage_class"] == "STANDARD"
    assert facts.of("google_project")["default"]["deletion_policy"] == "PREVENT"
    assert facts.of("google_kms_crypto_key")["default"]["purpose"] == "ENCRYPT_DECRYPT"


def test_ids():
    assert facts.of("google_kms_key_ring")["id"] == "projects/{project}/locations/{location}/keyRings/{name}"
    assert facts.of("google_secret_manager_secret")["id"] == "projects/{project}/secrets/{secret_id}"


def test_other_facts():
    assert "secret_data" in facts.of("google_secret_manager_secret_version")["sensitive"].split()
    assert facts.of("google_storage_bucket")["items"]["lifecycle_rule"] == [0, 100]
    assert "secret_data_wo" in facts.of("google_secret_manager_secret_version")["write_only"].split()


def test_the_table_names_its_source_and_stays_small():
    about = facts.provider()["about"]
    assert set(about) == {"source", "date", "licence", "refresh"}
    assert "MPL-2.0" in about["licence"]
    assert (facts.FOLDER / "provider.json").stat().st_size < 600_000


def test_every_id_by_hand_is_about_attributes_of_its_type(schemas):
    for type_, template in facts.table("ids")["ids"].items():
        schema = schemas.google if type_ in schemas.google.resources else schemas.beta
        known = schema.resource(type_).attributes if type_ in schema.resources else None
        assert known is not None, type_
        assert set(re.findall(r"\{(\w+)", template)) <= set(known), type_


@pytest.mark.parametrize(
    ("service", "email"),
    [
        ("aiplatform.googleapis.com", "service-123@gcp-sa-aiplatform.iam.gserviceaccount.com"),
        ("storage.googleapis.com", "service-123@gs-project-accounts.iam.gserviceaccount.com"),
        ("bigquery.googleapis.com", "bq-123@bigquery-encryption.iam.gserviceaccount.com"),
        ("composer.googleapis.com", "service-123@cloudcomposer-accounts.iam.gserviceaccount.com"),
        ("unheardof.googleapis.com", "service-123@gcp-sa-unheardof.iam.gserviceaccount.com"),
    ],
)
def test_service_agents(service, email):
    assert agent(service, 123) == email


GO = textwrap.dedent("""
    package demo

    var parent = map[string]*schema.Schema{
    \t"project": {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
    }

    func ResourceDemo() *schema.Resource {
    \treturn &schema.Resource{
    \t\tSchema: tpgresource.MergeSchemas(parent, map[string]*schema.Schema{
    \t\t\t"mode": {
    \t\t\t\tType: schema.TypeString, Optional: true, Default: "A" + "B",
    \t\t\t\tValidateFunc: verify.ValidateEnum([]string{"AB", "C", ""}),
    \t\t\t\tDescription: `one
    }
    two`,
    \t\t\t},
    \t\t\t"rule": {
    \t\t\t\tType: schema.TypeList, Optional: true, MaxItems: 3,
    \t\t\t\tElem: ruleElem(),
    \t\t\t},
    \t\t}),
    \t}
    }

    func ruleElem() *schema.Resource {
    \treturn &schema.Resource{
    \t\tSchema: map[string]*schema.Schema{
    \t\t\t"key": {Type: schema.TypeString, Required: true, ForceNew: true, Sensitive: true},
    \t\t},
    \t}
    }
""")


def test_facts_are_read_through_variables_functions_and_texts(tmp_path):
    folder = tmp_path / "services" / "demo"
    folder.mkdir(parents=True)
    (folder / "resource_demo.go").write_text(GO)
    source = Source(tmp_path)
    found = walk(source, source.resource("demo", "ResourceDemo"), Facts())
    assert found.replace == ["project", "rule.key"]
    assert found.default == {"mode": "AB"}
    assert found.allowed == {"mode": ["AB", "C"]}
    assert found.items == {"rule": [0, 3]}
    assert found.sensitive == ["rule.key"]
    assert set(Package(folder).functions) == {"ResourceDemo", "ruleElem"}


def test_literals_are_read_up_to_their_end():
    literal = read(
        '&schema.Schema{Type: schema.TypeInt, Default: -1, Elem: f(a, "b"), Set: func(v any) int { return 1 },}'
    )
    assert isinstance(literal, Literal)
    assert literal.fields["Default"] == -1
    assert list(literal.fields) == ["Type", "Default", "Elem", "Set"]


def test_every_value_by_hand_is_one_that_google_decides(schemas):
    for type_, table in facts.table("values")["types"].items():
        schema = schemas.google if type_ in schemas.google.resources else schemas.beta
        for path in table:
            *blocks, name = path.split(".")
            block = schema.resource(type_)
            for step in blocks:
                block = block.nested[step].block
            assert name in block.nested or block.attributes[name].computed, f"{type_}.{path}"


def test_what_callers_need_is_made_of_permissions_that_google_has():
    unknown = []
    for type_, entry in facts.table("change_permissions")["types"].items():
        verbs = {verb for action in ("create", "update", "delete") for verb in entry.get(action, [action])}
        asked = {f"{entry['kind']}.{verb}" for verb in verbs | set(entry.get("read", ["get"]))}
        asked |= {also["permission"] for also in entry.get("also", ()) if "permission" in also}
        unknown += [f"{type_}: {one}" for one in sorted(asked - permissions())]
    assert unknown == []
