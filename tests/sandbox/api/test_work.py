"""Work that Vertex AI takes on is really done: containers run by their command, models answer, trials are measured."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from google.cloud import aiplatform, bigquery, storage

from sandbox import redirect
from sandbox.api.verbs.bigquery_tables import warehouse_of
from sandbox.workloads.batches import Batches
from sandbox.workloads.containers import Host
from sandbox.workloads.custom_jobs import Jobs
from sandbox.workloads.servers import Servers

ACCOUNT = "train@p1.iam.gserviceaccount.com"
IMAGE = "europe-docker.pkg.dev/p1/images/train@sha256:0"
SERVER = """
import http.server, json, os
from google.cloud import storage
assert "GCS_MOUNT" not in os.environ, "who serves has no mount"
model = storage.Blob.from_uri(os.environ["AIP_STORAGE_URI"] + "/model.json", client=storage.Client())
factor = json.loads(model.download_as_bytes())["factor"]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.answer({})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"predictions": [factor * one["x"] for one in body["instances"]]})
    def answer(self, told):
        data = json.dumps(told).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(data))); self.end_headers(); self.wfile.write(data)
    def log_message(self, *_): pass
http.server.HTTPServer.request_queue_size = 64
http.server.HTTPServer(("127.0.0.1", int(os.environ["AIP_HTTP_PORT"])), Handler).serve_forever()
"""  # noqa: E501


@pytest.fixture
def vertex(cloud):
    """A project whose training account may use one bucket, and runners that do the work."""
    around = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    host = Host(cloud.store, lambda principal, folder: redirect.environment(cloud.endpoint, principal, base=around))
    jobs, servers = Jobs(host, cloud.cancelled), Servers(host)
    cloud.runners |= {"custom_job": jobs.custom, "tuning_job": jobs.tuning, "predict": servers.predict}
    cloud.runners["batch_prediction"] = Batches(host, partial(warehouse_of, cloud))
    storage.Client().create_bucket("stage").blob("model/model.json").upload_from_string('{"factor": 3}')
    for role in ("roles/storage.objectAdmin", "roles/bigquery.admin"):
        grant = {"project": "p1", "role": role, "member": f"serviceAccount:{ACCOUNT}", "condition": []}
        cloud.store.put("google_project_iam_member", f"p1/{role}", grant)
    aiplatform.init(project="p1", location="europe-west1", staging_bucket="gs://stage", experiment=None)
    yield cloud
    servers.close()


def pools(*words):
    container = {"image_uri": IMAGE, "command": ["python", "-c"], "args": list(words)}
    return [{"machine_spec": {"machine_type": "n1-standard-4"}, "replica_count": 1, "container_spec": container}]


def ended(cloud, job):
    cloud.operations.wait()
    job._sync_gca_resource()
    return job.state.name


def test_a_custom_job_runs_as_its_account_and_leaves_what_it_wrote(vertex):
    code = (
        "import os, pathlib; root = pathlib.Path(os.environ['GCS_MOUNT']) / 'stage'\n"
        "text = (root / 'model/model.json').read_text()\n"
        "(root / 'out.txt').write_text(text + os.environ['BLUEPRINT_SANDBOX_PRINCIPAL'])"
    )
    job = aiplatform.CustomJob(
        display_name="train", worker_pool_specs=pools(code), base_output_dir="gs://stage", staging_bucket="gs://stage"
    )
    job.submit(service_account=ACCOUNT)
    assert ended(vertex, job) == "JOB_STATE_SUCCEEDED", job.error
    assert (
        storage.Client().bucket("stage").blob("out.txt").download_as_text()
        == f'{{"factor": 3}}serviceAccount:{ACCOUNT}'
    )
    assert job.labels["sandbox"] == "stand-in"


def test_a_job_that_fails_says_what_it_said_last_and_what_the_account_may_not_is_not_done(vertex):
    job = aiplatform.CustomJob(display_name="bad", worker_pool_specs=pools("raise SystemExit('no data today')"))
    job.submit(service_account=ACCOUNT)
    assert ended(vertex, job) == "JOB_STATE_FAILED"
    assert "no data today" in job.error.message
    vertex.store.delete("google_project_iam_member", "p1/roles/storage.objectAdmin")
    code = "import os, pathlib; (pathlib.Path(os.environ['GCS_MOUNT']) / 'stage/x').write_text('')"
    job = aiplatform.CustomJob(display_name="thief", worker_pool_specs=pools(code), base_output_dir="gs://stage")
    job.submit(service_account=ACCOUNT)
    assert ended(vertex, job) == "JOB_STATE_FAILED"
    assert "needs storage.objects.create" in job.error.message


def test_a_cancelled_job_ends(vertex):
    job = aiplatform.CustomJob(display_name="long", worker_pool_specs=pools("import time; time.sleep(600)"))
    job.submit(service_account=ACCOUNT)
    job.cancel()
    assert ended(vertex, job) == "JOB_STATE_CANCELLED"


@pytest.fixture
def model(vertex):
    return aiplatform.Model.upload(
        display_name="triple",
        artifact_uri="gs://stage/model",
        serving_container_image_uri=IMAGE,
        serving_container_command=["python", "-c", SERVER],
        serving_container_predict_route="/predict",
        serving_container_health_route="/health",
    )


def test_an_endpoint_answers_with_the_registered_model(vertex, model):
    endpoint = aiplatform.Endpoint.create(display_name="triple")
    endpoint.deploy(model, machine_type="n1-standard-4", service_account=ACCOUNT)
    told = endpoint.predict(instances=[{"x": 1}, {"x": 5}])
    assert (told.predictions, told.model_version_id) == ([3, 15], "1")
    assert "SANDBOX" in json.dumps(told.metadata)
    endpoint.undeploy_all()
    endpoint.deploy(model, machine_type="n1-standard-4")
    with pytest.raises(Exception, match="not healthy"):
        endpoint.predict(instances=[{"x": 1}])


def test_many_who_ask_first_at_once_are_all_answered_though_the_model_comes_from_the_same_server(vertex, model):
    endpoint = aiplatform.Endpoint.create(display_name="triple")
    endpoint.deploy(model, machine_type="n1-standard-4", service_account=ACCOUNT)
    with ThreadPoolExecutor(24) as crowd:
        told = list(crowd.map(lambda x: endpoint.predict(instances=[{"x": x}]).predictions, range(24)))
    assert told == [[3 * x] for x in range(24)]


def test_a_batch_prediction_scores_a_table_and_a_file(vertex, model):
    warehouse = bigquery.Client(project="p1")
    warehouse.create_dataset("facts")
    warehouse.query("CREATE TABLE facts.rows AS SELECT 2 AS x UNION ALL SELECT 4").result()
    options = {"model_name": model.resource_name, "machine_type": "n1-standard-4", "service_account": ACCOUNT}
    of_table = {"bigquery_source": "bq://p1.facts.rows", "bigquery_destination_prefix": "bq://p1.facts"}
    job = aiplatform.BatchPredictionJob.submit(job_display_name="arrays", **of_table, **options)
    assert ended(vertex, job) == "JOB_STATE_FAILED", "of a table Google makes arrays, and the model wants names"
    asked = type(job.gca_resource)(job.gca_resource)
    asked.name, asked.instance_config.instance_type = "", "object"
    place = "projects/p1/locations/europe-west1"
    job._gca_resource = job.api_client.create_batch_prediction_job(parent=place, batch_prediction_job=asked)
    assert ended(vertex, job) == "JOB_STATE_SUCCEEDED", job.error
    rows = warehouse.query(
        f"SELECT x, prediction FROM facts.{job.output_info.bigquery_output_table} ORDER BY x"
    ).result()
    assert [tuple(row) for row in rows] == [(2, 6), (4, 12)]
    storage.Client().bucket("stage").blob("in.jsonl").upload_from_string('{"x": 7}\n')
    job = aiplatform.BatchPredictionJob.submit(
        job_display_name="file", gcs_source="gs://stage/in.jsonl", gcs_destination_prefix="gs://stage/out", **options
    )
    assert ended(vertex, job) == "JOB_STATE_SUCCEEDED", job.error
    (blob,) = storage.Client().list_blobs(
        "stage", prefix=job.output_info.gcs_output_directory.removeprefix("gs://stage/")
    )
    assert json.loads(blob.download_as_bytes()) == {"instance": {"x": 7}, "prediction": 21}


def test_a_tuning_job_tries_the_space_and_measures_each_trial(vertex):
    code = (
        "import json, os, sys; rate = float(sys.argv[1].partition('=')[2])\n"
        "open(os.environ['CLOUD_ML_HP_METRIC_FILE'], 'w').write(json.dumps({'auc': 1 - abs(rate - 0.01)}))"
    )
    job = aiplatform.HyperparameterTuningJob(
        display_name="tune",
        custom_job=aiplatform.CustomJob(display_name="trial", worker_pool_specs=pools(code)),
        metric_spec={"auc": "maximize"},
        parameter_spec={"rate": aiplatform.hyperparameter_tuning.DoubleParameterSpec(min=0.001, max=0.1, scale="log")},
        max_trial_count=3,
        parallel_trial_count=2,
    )
    job._gca_resource.trial_job_spec.service_account = ACCOUNT
    job.run(sync=True, service_account=ACCOUNT)
    rates = sorted(trial.parameters[0].value for trial in job.trials)
    assert len(rates) == 3 and 0.001 < rates[0] < 0.01 < rates[2] < 0.1
    assert all(trial.final_measurement.metrics[0].value <= 1 for trial in job.trials)
