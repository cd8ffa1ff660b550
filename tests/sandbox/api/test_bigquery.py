"""The unmodified BigQuery client: tables of Terraform and of the API, rows, loads and queries in BigQuery's dialect."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound, PreconditionFailed
from google.cloud import bigquery, storage


@pytest.fixture
def client(cloud):
    made = bigquery.Client(project="p1", location="EU")
    made.create_dataset("sales")
    rows = [{"id": 1, "name": "ada", "at": "2026-01-01T00:00:00Z"}, {"id": 2, "name": "bob", "at": None}]
    schema = [bigquery.SchemaField(*pair) for pair in (("id", "INT64"), ("name", "STRING"), ("at", "TIMESTAMP"))]
    made.create_table(bigquery.Table("p1.sales.people", schema=schema))
    made.load_table_from_json(rows, "p1.sales.people").result(timeout=300)
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
    given = bigquery.QueryJobConfig(query_parameters=[bigquery.ScalarQueryParameter("gone", "INT64", 2)])
    ask(client, "DELETE FROM sales.doubled WHERE id2 = @gone", job_config=given)
    assert sorted(ask(client, "SELECT * FROM sales.doubled")) == [(4,), (8,)]
    merged = """MERGE sales.doubled AS old USING sales.people AS new ON old.id2 = 4 * new.id
                WHEN MATCHED THEN UPDATE SET id2 = 100 WHEN NOT MATCHED THEN INSERT (id2) VALUES (new.id)"""
    ask(client, merged)
    assert sorted(ask(client, "SELECT * FROM sales.doubled")) == [(100,), (100,)]
    with pytest.raises(BadRequest, match="at most one source row"):
        ask(client, merged.replace("old.id2 = 4 * new.id", "new.id < old.id2"))
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
    assert (job.result(timeout=300).output_rows, ask(client, "SELECT SUM(id) FROM sales.loaded")) == (2, [(7,)])


def test_a_dataset_that_changed_since_it_was_read_is_not_overwritten(client):
    mine, other = (client.get_dataset("sales") for _ in range(2))
    other.description = "theirs"
    assert client.update_dataset(other, ["description"]).description == "theirs"
    mine.description = "mine"
    with pytest.raises(PreconditionFailed):
        client.update_dataset(mine, ["description"])
    assert client.get_dataset("sales").description == "theirs"


def test_what_is_wrong_is_said_as_bigquery_says_it(client):
    with pytest.raises(NotFound, match=r"Not found: Table p1:sales\.nothing"):
        ask(client, "SELECT * FROM sales.nothing")
    with pytest.raises(BadRequest, match="Syntax error"):
        ask(client, "SELECT FROM WHERE")
    with pytest.raises(BadRequest, match="sandbox does not know"):
        ask(client, "TRUNCATE TABLE sales.people")
    assert client.insert_rows_json("p1.sales.people", [{"id": "not a number"}])[0]["errors"][0]["reason"] == "invalid"


@pytest.mark.parametrize("text", ["read_csv('/etc/passwd')", "read_text('/etc/passwd')", "glob('/etc/*')"])
def test_a_query_reads_no_file_of_this_computer(client, text):
    with pytest.raises(BadRequest):
        ask(client, f"SELECT * FROM {text}")


@pytest.mark.parametrize("form", ["SELECT * FROM {}", "SELECT * FROM sales.people, {}", "MERGE", "INSERT", "LATERAL"])
def test_a_query_reads_no_rows_beside_the_tables(client, cloud, form):
    (file,) = cloud.store.path.parent.glob("warehouse/p1/sales/people-*.parquet")
    reader = f"read_parquet('{file}')"
    texts = {
        "INSERT": f"INSERT INTO sales.people SELECT * FROM {reader}",
        "LATERAL": f"SELECT * FROM sales.people CROSS JOIN LATERAL {reader}",
        "MERGE": f"MERGE sales.people AS old USING sales.people AS new ON old.id IN (SELECT id FROM {reader})"
        " WHEN MATCHED THEN UPDATE SET name = 'x'",
    }
    with pytest.raises(BadRequest, match=r"Table-valued function not found|Syntax error"):
        ask(client, texts.get(form, form.format(reader)))
    assert len(ask(client, "SELECT * FROM sales.people, UNNEST([1, 2]) AS twice")) == 4


def grant(cloud, member, *roles, place="project", **where):
    for role in roles:
        values = {"project": "p1", "role": role, "member": member, "condition": [], **where}
        type_ = f"google_{'project' if place == 'project' else 'bigquery_dataset'}_iam_member"
        cloud.store.put(type_, f"p1/{where}/{role}/{member}", values)


def test_a_copy_needs_the_right_to_change_what_it_replaces(client, cloud, act_as):
    ada = "user:ada@example.com"
    client.create_table(bigquery.Table("p1.sales.kept", schema=[bigquery.SchemaField("id", "INT64")]))
    grant(cloud, ada, "roles/bigquery.jobUser", "roles/bigquery.dataViewer")
    act_as(ada)
    reader = bigquery.Client(project="p1", location="EU")
    how = bigquery.CopyJobConfig(write_disposition="WRITE_TRUNCATE")
    for target, permission in (("kept", "updateData"), ("other", "create")):
        with pytest.raises(Forbidden, match=rf"bigquery\.tables\.{permission}"):
            reader.copy_table("p1.sales.people", f"p1.sales.{target}", job_config=how).result(timeout=300)
    grant(cloud, ada, "roles/bigquery.dataEditor")
    reader.copy_table(["p1.sales.people"] * 2, "p1.sales.other").result(timeout=300)
    assert len(ask(reader, "SELECT * FROM sales.other")) == 4


def test_a_view_opens_only_what_its_dataset_lets_it_read(client, cloud, act_as):
    ada = "user:ada@example.com"
    client.create_dataset("shown")
    view = bigquery.Table("p1.shown.names")
    view.view_query = "SELECT name FROM `p1.sales.people`"
    view = client.create_table(view)
    grant(cloud, ada, "roles/bigquery.jobUser")
    grant(cloud, ada, "roles/bigquery.dataViewer", place="dataset", dataset_id="shown")
    act_as(ada)
    reader = bigquery.Client(project="p1", location="EU")
    with pytest.raises(Forbidden, match=r"getData on table p1:sales\.people"):
        ask(reader, "SELECT * FROM shown.names")
    sales = client.get_dataset("sales")
    sales.access_entries = [*sales.access_entries, bigquery.AccessEntry(None, "view", view.reference.to_api_repr())]
    client.update_dataset(sales, ["access_entries"])
    assert ask(reader, "SELECT * FROM shown.names ORDER BY name") == [("ada",), ("bob",)]
    with pytest.raises(Forbidden):
        ask(reader, "SELECT * FROM sales.people")


def test_rows_that_many_insert_at_once_are_all_there(client):
    client.query("CREATE TABLE sales.counted AS SELECT 0 AS n").result()

    def insert(number):
        bigquery.Client(project="p1", location="EU").query(f"INSERT INTO sales.counted (n) VALUES ({number})").result()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(insert, range(1, 17)))
    assert [row[0] for row in ask(client, "SELECT n FROM sales.counted ORDER BY n")] == list(range(17))


@pytest.mark.parametrize("table", ["people", "other"])
def test_a_table_whose_query_fails_is_as_it_was(client, table):
    with pytest.raises(BadRequest):
        ask(client, f"CREATE OR REPLACE TABLE sales.{table} AS SELECT CAST(name AS INT64) AS n FROM sales.people")
    assert [one.table_id for one in client.list_tables("sales")] == ["people"]
    assert len(ask(client, "SELECT * FROM sales.people")) == 2


def test_a_table_that_is_made_anew_is_empty_and_says_when(client):
    table = client.get_table("p1.sales.people")
    assert abs(datetime.datetime.now(datetime.UTC) - table.created) < datetime.timedelta(minutes=5)
    client.delete_table(table)
    client.create_table(bigquery.Table("p1.sales.people", schema=table.schema))
    assert list(client.list_rows("p1.sales.people")) == []


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


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM sales.people WHERE name = 'ada'",
        "UPDATE sales.people SET id = 3 WHERE name = 'ada'",
        "MERGE sales.people AS old USING (SELECT 'ada' AS name) AS new ON old.name = new.name WHEN MATCHED THEN DELETE",
    ],
)
def test_who_may_change_a_table_unseen_learns_nothing_of_it_by_a_condition(client, cloud, act_as, text):
    member, role = "user:ada@example.com", "projects/p1/roles/filler"
    held = {"project": "p1", "role_id": "filler", "permissions": ["bigquery.tables.updateData", "bigquery.tables.get"]}
    cloud.store.put("google_project_iam_custom_role", role, held)
    grant(cloud, member, role, "roles/bigquery.jobUser")
    act_as(member)
    writer = bigquery.Client(project="p1", location="EU")
    ask(writer, "INSERT INTO sales.people (id, name) VALUES (4, 'cy')")
    with pytest.raises(Forbidden, match=r"bigquery\.tables\.getData"):
        ask(writer, text)
