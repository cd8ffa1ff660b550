"""Rows and columns of BigQuery that not everybody sees: row access policies, policy tags, masking."""

import json

import pytest
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

ADA, BO = "user:ada@example.com", "user:bo@example.com"
TAG = "projects/p1/locations/eu/taxonomies/1/policyTags/2"
READ = "SELECT name, country, email FROM facts.people ORDER BY name"


@pytest.fixture
def people(cloud):
    """A table of three people that Ada and Bo may read."""
    client = bigquery.Client(project="p1", location="EU")
    client.create_dataset("facts")
    rows = [("ann", "DE", "ann@x.de"), ("ben", "FR", "ben@x.fr"), ("cem", "DE", "cem@x.de")]
    lines = [dict(zip(("name", "country", "email"), row, strict=True)) for row in rows]
    client.load_table_from_json(lines, "p1.facts.people").result(timeout=300)
    for who in (ADA, BO):
        for role in ("roles/bigquery.dataEditor", "roles/bigquery.jobUser"):
            grant = {"project": "p1", "role": role, "member": who, "condition": []}
            cloud.store.put("google_project_iam_member", f"p1/{role}/{who}", grant)
    return cloud


def ask(text):
    return [tuple(row) for row in bigquery.Client(project="p1", location="EU").query(text).result()]


def policy(cloud, key, predicate, *grantees):
    values = {"project": "p1", "dataset_id": "facts", "table_id": "people", "policy_id": key}
    cloud.store.put(
        "google_bigquery_row_access_policy", key, values | {"filter_predicate": predicate, "grantees": grantees}
    )


def test_each_reader_sees_the_rows_of_their_policies_and_nobody_else_any(people, act_as):
    act_as(ADA)
    assert len(ask(READ)) == 3, "a table without policies is all there"
    policy(people, "germany", "country = 'DE'", ADA)
    assert [row[0] for row in ask(READ)] == ["ann", "cem"]
    assert ask("SELECT count(*) FROM facts.people WHERE country = 'FR'") == [(0,)]
    act_as(BO)
    assert ask(READ) == []
    policy(
        people,
        "own",
        "email = CONCAT(SPLIT(SESSION_USER(), '@')[OFFSET(0)], '@x.fr') OR name = 'ann'",
        "domain:example.com",
    )
    assert [row[0] for row in ask(READ)] == ["ann"]


def test_rows_cannot_be_had_another_way(people, act_as):
    policy(people, "germany", "country = 'DE'", ADA)
    act_as(ADA)
    client = bigquery.Client(project="p1", location="EU")
    for call in (
        lambda: list(client.list_rows("p1.facts.people", selected_fields=[bigquery.SchemaField("name", "STRING")])),
        lambda: client.copy_table("p1.facts.people", "p1.facts.copy").result(),
        lambda: client.query("DELETE FROM facts.people WHERE country = 'FR'").result(),
    ):
        with pytest.raises(Forbidden, match="row access policies"):
            call()
    policy(people, "all", "TRUE", ADA)
    assert len(list(client.list_rows("p1.facts.people", selected_fields=[bigquery.SchemaField("name", "STRING")]))) == 3


@pytest.fixture
def tagged(people):
    """The column `email` carries a policy tag that is masked for who may read it masked."""
    id_ = "projects/p1/datasets/facts/tables/people"
    table = people.store.get("google_bigquery_table", id_)
    schema = json.loads(table["schema"])
    schema[[field["name"] for field in schema].index("email")]["policyTags"] = {"names": [TAG]}
    people.store.put("google_bigquery_table", id_, table | {"schema": json.dumps(schema)})
    values = {"project": "p1", "location": "eu", "data_policy_id": "m", "policy_tag": TAG}
    values["data_masking_policy"] = [{"predefined_expression": "EMAIL_MASK"}]
    people.store.put("google_bigquery_datapolicy_data_policy", "projects/p1/locations/eu/dataPolicies/m", values)
    return people


def test_a_tagged_column_fails_the_query_that_looks_at_it_and_no_other(tagged, act_as):
    act_as(ADA)
    assert ask("SELECT name FROM facts.people WHERE country = 'FR'") == [("ben",)]
    for text in (READ, "SELECT * FROM facts.people", "SELECT name FROM facts.people WHERE email LIKE 'a%'"):
        with pytest.raises(Forbidden, match=f"policy tag {TAG} on column p1:facts.people.email"):
            ask(text)


def test_who_may_read_masked_sees_a_mask_and_who_may_read_fine_sees_all(tagged, act_as):
    masked = {"project": "p1", "role": "roles/bigquerydatapolicy.maskedReader", "member": ADA, "condition": []}
    tagged.store.put("google_project_iam_member", "masked", masked)
    fine = {"policy_tag": TAG, "role": "roles/datacatalog.categoryFineGrainedReader", "member": BO, "condition": []}
    tagged.store.put("google_data_catalog_policy_tag_iam_member", "fine", fine)
    act_as(ADA)
    assert [row[2] for row in ask(READ)] == ["XXXXX@x.de", "XXXXX@x.fr", "XXXXX@x.de"]
    act_as(BO)
    assert [row[2] for row in ask(READ)] == ["ann@x.de", "ben@x.fr", "cem@x.de"]
