"""The unmodified BigQuery client: tables of Terraform and of the API, rows, loads and queries in BigQuery's dialect."""

import datetime

import pytest
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound
from google.cloud import bigquery, storage


@pytest.fixture
def client(cloud):
    made = bigquery.Client(project="p1", location="EU")
    made.create_dataset("sales")
    rows = [{"id": 1, "name": "ada", "at": "2026-01-01T00:00:00Z"}, {"id": 2, "name": "bob", "at": None}]
    schema = [bigquery.SchemaField(*pair) for pair in (("id", "INT64"), ("name", "STRING"), ("at", "TIMESTAMP"))]
    made.create_table(bigquery.Table("p1.sales.people", schema=schema))
    made.load_table_from_json(rows, "p1.sales.people").result(timeout=30)
    return made


def ask(client, text, **options):
    return [tuple(row.values()) for row in client.query(text, **options).result()]


def test_rows_come_back_with_their_types(client):
    first = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert [tuple(row.values()) for row in client.list_rows("p1.sales.people")] == [(1, "ada", first), (2, "bob", None)]
    assert ask(client, "SELECT id, name, at FROM `p1.sales.people` ORDER BY id DESC") == [
        (2, "bob", None),
        (1, "ada", first),
    ]
    assert client.get_table("p1.sales.people").num_rows == 2


def test_the_dialect_is_bigquerys(client):
    text = """SELECT SAFE_CAST('x' AS INT64), COUNTIF(id > 1), ARRAY_AGG(name ORDER BY id), STRUCT(1 AS a, 'b' AS c),
              DATE_DIFF(DATE '2026-02-01', DATE '2026-01-01', DAY), APPROX_COUNT_DISTINCT(name)
              FROM sales.people WHERE name IN UNNEST(['ada', 'bob'])"""
    assert ask(client, text) == [(None, 1, ["ada", "bob"], {"a": 1, "c": "b"}, 31, 2)]


def test_parameters_are_values_and_never_sql(client):
    given = bigquery.ScalarQueryParameter("name", "STRING", "ada' OR 'x'='x")
    config = bigquery.QueryJobConfig(query_parameters=[given])
    assert ask(client, "SELECT id FROM sales.people WHERE name = @name", job_config=config) == []


def test_tables_are_made_filled_and_changed_by_statements(client, cloud):
    ask(client, "CREATE TABLE sales.doubled AS SELECT id * 2 AS id2 FROM sales.people")
    ask(client, "INSERT INTO sales.doubled (id2) VALUES (7)")
    done = client.query("UPDATE sales.doubled SET id2 = 8 WHERE id2 = 7")
    done.result()
    assert done.num_dml_affected_rows == 1
    ask(client, "DELETE FROM sales.doubled WHERE id2 = 2")
    assert sorted(ask(client, "SELECT * FROM sales.doubled")) == [(4,), (8,)]
    assert cloud.store.get("google_bigquery_table", "projects/p1/datasets/sales/tables/doubled") is not None
    with pytest.raises(Conflict):
        ask(client, "CREATE TABLE sales.doubled AS SELECT 1 AS x")
    client.delete_table("p1.sales.doubled")
    ask(client, "CREATE TABLE sales.doubled AS SELECT 1 AS x")
    assert ask(client, "SELECT * FROM sales.doubled") == [(1,)]


def test_files_of_a_bucket_are_loaded(client):
    bucket = storage.Client().create_bucket("raw")
    bucket.blob("in/1.csv").upload_from_string("id,name\n3,carl\n")
    bucket.blob("in/2.csv").upload_from_string("id,name\n4,dora\n")
    config = bigquery.LoadJobConfig(source_format="CSV", skip_leading_rows=1, write_disposition="WRITE_TRUNCATE")
    config.schema = [bigquery.SchemaField("id", "INT64"), bigquery.SchemaField("name", "STRING")]
    job = client.load_table_from_uri("gs://raw/in/*.csv", "p1.sales.loaded", job_config=config)
    assert (job.result(timeout=30).output_rows, ask(client, "SELECT SUM(id) FROM sales.loaded")) == (2, [(7,)])


def test_what_is_wrong_is_said_as_bigquery_says_it(client):
    with pytest.raises(NotFound, match=r"Not found: Table p1:sales\.nothing"):
        ask(client, "SELECT * FROM sales.nothing")
    with pytest.raises(BadRequest, match="Syntax error"):
        ask(client, "SELECT FROM WHERE")
    with pytest.raises(BadRequest, match="sandbox does not know"):
        ask(client, "MERGE sales.people p USING sales.people q ON p.id = q.id WHEN MATCHED THEN DELETE")
    assert client.insert_rows_json("p1.sales.people", [{"id": "not a number"}])[0]["errors"][0]["reason"] == "invalid"


@pytest.mark.parametrize("text", ["read_csv('/etc/passwd')", "read_text('/etc/passwd')", "glob('/etc/*')"])
def test_a_query_reads_no_file_of_this_computer(client, text):
    with pytest.raises(BadRequest):
        ask(client, f"SELECT * FROM {text}")


def test_who_may_not_read_a_table_gets_no_row_of_it(client, cloud, act_as):
    member = "user:ada@example.com"
    for role in ("roles/bigquery.jobUser", "roles/bigquery.metadataViewer"):
        values = {"project": "p1", "role": role, "member": member, "condition": []}
        cloud.store.put("google_project_iam_member", f"p1/{role}/{member}", values)
    act_as(member)
    reader = bigquery.Client(project="p1", location="EU")
    assert ask(reader, "SELECT 1") == [(1,)]
    with pytest.raises(Forbidden, match=r"bigquery\.tables\.getData"):
        ask(reader, "SELECT * FROM sales.people")
    with pytest.raises(Forbidden, match=r"bigquery\.tables\.create"):
        ask(reader, "CREATE TABLE sales.mine AS SELECT 1 AS x")
