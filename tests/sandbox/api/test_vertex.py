"""The unmodified Vertex AI client: registry, endpoints, jobs, pipelines that run, experiments, features, vectors."""

import pytest
from google.api_core.exceptions import AlreadyExists, BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud import aiplatform, aiplatform_v1, bigquery
from google.cloud.devtools import cloudbuild_v1
from kfp import compiler, dsl

PLACE = "projects/p1/locations/europe-west1"
IMAGE = "europe-docker.pkg.dev/p1/images/serve@sha256:0"


@pytest.fixture(autouse=True)
def vertex(cloud):
    aiplatform.init(project="p1", location="europe-west1", staging_bucket="gs://stage", experiment=None)


def upload(**options):
    return aiplatform.Model.upload(display_name="churn", serving_container_image_uri=IMAGE, **options)


def test_a_model_has_versions_and_aliases_that_move(cloud):
    first = upload(model_id="churn", version_aliases=["champion"])
    second = upload(parent_model=first.resource_name, is_default_version=False)
    assert (first.version_id, second.version_id) == ("1", "2")
    registry = aiplatform.models.ModelRegistry("churn")
    assert [info.version_id for info in registry.list_versions()] == ["1", "2"]
    registry.add_version_aliases(["champion"], "2")
    assert aiplatform.Model("churn@champion").version_id == "2"
    assert aiplatform.Model("churn").version_id == "1"
    assert [model.name for model in aiplatform.Model.list(filter='display_name="churn"')] == ["churn"]
    with pytest.raises(BadRequest, match="default version"):
        registry.delete_version("1")
    registry.delete_version("2")
    with pytest.raises(NotFound):
        aiplatform.Model("churn@2")


def test_a_version_belongs_to_a_model_that_is_there_and_an_id_to_one_model(cloud):
    upload(model_id="churn")
    for parent in ("projects/p2/locations/europe-west1/models/churn", "projects/p1/locations/us-east1/models/churn"):
        with pytest.raises(BadRequest, match=f"'{parent}' is not in {PLACE}"):
            upload(parent_model=parent)
    with pytest.raises(NotFound, match="models/none"):
        upload(parent_model=f"{PLACE}/models/none")
    with pytest.raises((AlreadyExists, Conflict)):
        upload(model_id="churn")
    with pytest.raises(BadRequest, match="Invalid model id"):
        upload(model_id="Churn!")
    assert [version.version_id for version in aiplatform.models.ModelRegistry("churn").list_versions()] == ["1"]


def test_a_model_changes_in_the_fields_of_the_mask_at_the_etag_that_was_read(cloud):
    models = aiplatform_v1.ModelServiceClient(transport="rest")
    name = upload(model_id="churn", description="old", labels={"a": "b"}).resource_name
    held = models.get_model(name=name)
    given = aiplatform_v1.Model(name=name, display_name="new", description="new", etag=held.etag)
    changed = models.update_model(model=given, update_mask={"paths": ["description"]})
    assert (changed.display_name, changed.description, dict(changed.labels)) == ("churn", "new", {"a": "b"})
    with pytest.raises((Conflict, GoogleAPICallError), match="etag is stale"):
        models.update_model(model=given, update_mask={"paths": ["display_name"]})
    with pytest.raises(BadRequest, match="artifactUri"):
        models.update_model(model=aiplatform_v1.Model(name=name), update_mask={"paths": ["artifact_uri"]})


def test_what_an_endpoint_serves_is_not_deleted(cloud):
    first = upload(model_id="churn")
    second = upload(parent_model=first.resource_name)
    endpoint = aiplatform.Endpoint.create(display_name="churn")
    endpoint.deploy(aiplatform.Model("churn@1"), machine_type="n1-standard-4")
    registry = aiplatform.models.ModelRegistry("churn")
    for attempt in (second.delete, lambda: registry.delete_version("1")):
        with pytest.raises(BadRequest, match="is deployed on"):
            attempt()
    endpoint.undeploy_all()
    registry.delete_version("1")
    second.delete()


def test_an_endpoint_serves_what_is_deployed_on_it(cloud):
    endpoint, model = aiplatform.Endpoint.create(display_name="churn"), upload()
    with pytest.raises(BadRequest, match="no deployed model"):
        endpoint.predict(instances=[[1]])
    endpoint.deploy(model, machine_type="n1-standard-4")
    with pytest.raises(GoogleAPICallError, match="sandbox does not know"):
        endpoint.predict(instances=[[1]])
    cloud.runners["predict"] = lambda asked: {"predictions": [sum(row) for row in asked["instances"]]}
    assert endpoint.predict(instances=[[1, 2]]).predictions == [3]
    held = cloud.store.get("google_vertex_ai_endpoint", endpoint.resource_name)
    assert held["display_name"] == "churn"
    with pytest.raises(BadRequest, match="deployed models"):
        endpoint.delete()
    endpoint.undeploy_all()
    endpoint.delete()


def test_traffic_goes_to_what_is_deployed_and_whoever_has_some_stays(cloud):
    endpoint, api = aiplatform.Endpoint.create(display_name="churn"), aiplatform.Endpoint.create("b").api_client
    model, name = {"model": upload().resource_name}, endpoint.resource_name
    first, second = (api.deploy_model(endpoint=name, deployed_model=model).result().deployed_model.id for _ in range(2))
    assert not api.get_endpoint(name=name).traffic_split, "nobody is sent to what is only deployed"
    for split, told in (({first: 90}, "add up to 100"), ({first: 90, "7": 10}, "not deployed: 7")):
        asked = {"name": name, "traffic_split": split}
        with pytest.raises(BadRequest, match=told):
            api.update_endpoint(endpoint=asked, update_mask={"paths": ["traffic_split"]})
    asked = {"name": name, "traffic_split": {first: 100}}
    api.update_endpoint(endpoint=asked, update_mask={"paths": ["traffic_split"]})
    with pytest.raises(BadRequest, match=f"{first} answers 100 % of the requests"):
        api.undeploy_model(endpoint=name, deployed_model_id=first)
    with pytest.raises(BadRequest, match="not deployed: 7"):
        api.undeploy_model(endpoint=name, deployed_model_id=second, traffic_split={"7": 100})
    api.undeploy_model(endpoint=name, deployed_model_id=second)
    api.undeploy_model(endpoint=name, deployed_model_id=first)
    assert not api.get_endpoint(name=name).traffic_split, "the last one takes its traffic along"


def test_a_job_does_what_its_runner_does_and_fails_without_one(cloud):
    pools = [{"machine_spec": {"machine_type": "n1-standard-4"}, "replica_count": 1}]
    pools[0]["container_spec"] = {"image_uri": IMAGE, "args": ["--epochs", "1"]}
    ran = []
    cloud.runners["custom_job"] = lambda job: ran.append(job["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]) or {}
    job = aiplatform.CustomJob(display_name="train", worker_pool_specs=pools)
    job.submit()
    cloud.operations.wait()
    job._sync_gca_resource()
    assert (job.state.name, ran[0]["args"]) == ("JOB_STATE_SUCCEEDED", ["--epochs", "1"])
    batch = aiplatform.BatchPredictionJob.submit(
        job_display_name="score",
        model_name=upload().resource_name,
        gcs_source="gs://stage/in.jsonl",
        gcs_destination_prefix="gs://stage/out",
        machine_type="n1-standard-4",
    )
    cloud.operations.wait()
    batch._sync_gca_resource()
    assert batch.state.name == "JOB_STATE_FAILED"
    assert "SANDBOX" in batch.error.message


def test_a_job_that_is_cancelled_before_it_begins_never_runs(cloud, monkeypatch):
    pools = [{"machine_spec": {"machine_type": "n1-standard-4"}, "replica_count": 1}]
    pools[0]["container_spec"] = {"image_uri": IMAGE}
    ran, waiting = [], []
    cloud.runners["custom_job"] = lambda job: ran.append(job) or {}
    cloud.runners["build"] = lambda build: ran.append(build) or {}

    def later(about, message, work, metadata=None):
        waiting.append(work)
        return cloud.operations.done(about, message, {}, metadata)

    monkeypatch.setattr(cloud.operations, "start", later)
    job = aiplatform.CustomJob(display_name="train", worker_pool_specs=pools)
    job.submit()
    job.cancel()
    builds = cloudbuild_v1.CloudBuildClient()
    build = builds.create_build(
        project_id="p1", build=cloudbuild_v1.Build(steps=[cloudbuild_v1.BuildStep(name="x")])
    ).metadata.build
    builds.cancel_build(project_id="p1", id=build.id)
    for work in waiting:
        work()
    job._sync_gca_resource()
    assert (ran, job.state.name) == ([], "JOB_STATE_CANCELLED")
    assert builds.get_build(project_id="p1", id=build.id).status.name == "CANCELLED"


@dsl.component(install_kfp_package=False)
def double(number: int) -> int:
    return number * 2


@dsl.component(install_kfp_package=False)
def fail(number: int, limit: int):
    if number > limit:
        raise ValueError(f"{number} is above {limit}")


@dsl.pipeline(name="doubling")
def doubling(number: int, limit: int):
    fail(number=double(number=number).output, limit=limit)


@pytest.mark.parametrize(("limit", "state", "last"), [(9, "SUCCEEDED", "SUCCEEDED"), (1, "FAILED", "FAILED")])
def test_a_submitted_pipeline_really_runs_and_tells_the_state_of_each_task(cloud, tmp_path, limit, state, last):
    template = str(tmp_path / "pipeline.yaml")
    compiler.Compiler().compile(doubling, template)
    given = {"number": 2, "limit": limit}
    job = aiplatform.PipelineJob(
        display_name="d", template_path=template, pipeline_root="gs://stage/root", parameter_values=given
    )
    job.submit()
    cloud.operations.wait()
    job._sync_gca_resource()
    tasks = {task.task_name: task.state.name for task in job.task_details}
    assert job.state.name == f"PIPELINE_STATE_{state}"
    assert tasks == {"double": "SUCCEEDED", "fail": last}
    assert (state == "SUCCEEDED") == (job.gca_resource.error.message == "")
    assert {it.error.message for it in job.task_details} - {""} <= {"ValueError: 4 is above 1"}
    assert (state == "FAILED") == any(it.error.message for it in job.task_details)


def test_experiments_remember_parameters_and_metrics(cloud):
    aiplatform.init(experiment="tuning", experiment_tensorboard=False)
    for run, rate in (("one", 0.1), ("two", 0.2)):
        with aiplatform.start_run(run):
            aiplatform.log_params({"rate": rate})
            aiplatform.log_metrics({"auc": rate * 4})
    found = aiplatform.get_experiment_df("tuning").sort_values("run_name")
    assert list(found["run_name"]) == ["one", "two"]
    assert list(found["metric.auc"]) == [0.4, 0.8]
    assert set(found["state"]) == {"COMPLETE"}


def test_an_online_view_serves_the_row_of_its_table(cloud):
    client = bigquery.Client(project="p1", location="EU")
    client.create_dataset("features")
    rows = [{"customer": "c1", "tenure": 3, "score": 0.5}, {"customer": "c2", "tenure": 9, "score": 0.7}]
    client.load_table_from_json(rows, "p1.features.churn").result(timeout=300)
    admin = aiplatform_v1.FeatureOnlineStoreAdminServiceClient()
    store = aiplatform_v1.FeatureOnlineStore(bigtable={"auto_scaling": {"min_node_count": 1, "max_node_count": 1}})
    name = f"{PLACE}/featureOnlineStores/online"
    admin.create_feature_online_store(parent=PLACE, feature_online_store=store, feature_online_store_id="online")
    source = {"uri": "bq://p1.features.churn", "entity_id_columns": ["customer"]}
    view = aiplatform_v1.FeatureView(big_query_source=source, sync_config={"cron": "0 * * * *"})
    admin.create_feature_view(parent=name, feature_view=view, feature_view_id="churn").result(timeout=300)
    reader, asked = aiplatform_v1.FeatureOnlineStoreServiceClient(), {"feature_view": f"{name}/featureViews/churn"}

    def values(customer):
        found = reader.fetch_feature_values(request=asked | {"data_key": {"key": customer}})
        told = {pair.name: pair.value for pair in found.key_values.features}
        return told["tenure"].int64_value, told["score"].double_value

    with pytest.raises(NotFound):
        values("c2")
    assert synced(admin, asked["feature_view"]) == ""
    assert values("c2") == (9, 0.7)
    with pytest.raises(NotFound):
        values("nobody")
    client.query("INSERT INTO features.churn (customer, tenure, score) VALUES ('c2', 10, 0.1)").result()
    assert values("c2") == (9, 0.7), "what came after the last sync is not served"
    assert "several rows of c2" in synced(admin, asked["feature_view"])
    assert values("c2") == (9, 0.7)


def synced(admin, view):
    """What is wrong with a sync."""
    name = admin.sync_feature_view(feature_view=view).feature_view_sync
    return admin.get_feature_view_sync(name=name).final_status.message


def test_a_view_over_a_feature_group_serves_the_newest_value_of_each_feature(cloud):
    client = bigquery.Client(project="p1", location="EU")
    client.create_dataset("features")
    rows = [
        {"entity_id": "c1", "feature_timestamp": "2026-02-01", "calls": 2, "place": None},
        {"entity_id": "c1", "feature_timestamp": "2026-01-01", "calls": 1, "place": "DE"},
    ]
    client.load_table_from_json(rows, "p1.features.churn").result(timeout=300)
    registry, admin = aiplatform_v1.FeatureRegistryServiceClient(), aiplatform_v1.FeatureOnlineStoreAdminServiceClient()
    source = {"big_query_source": {"input_uri": "bq://p1.features.churn"}, "entity_id_columns": ["entity_id"]}
    group = {"parent": PLACE, "feature_group": {"big_query": source}, "feature_group_id": "churn"}
    registry.create_feature_group(request=group).result(timeout=300)
    store = {"bigtable": {"auto_scaling": {"min_node_count": 1, "max_node_count": 1}}}
    admin.create_feature_online_store(parent=PLACE, feature_online_store=store, feature_online_store_id="online")
    view = {"feature_registry_source": {"feature_groups": [{"feature_group_id": "churn", "feature_ids": ["calls"]}]}}
    asked = {"parent": f"{PLACE}/featureOnlineStores/online", "feature_view": view, "feature_view_id": "churn"}
    name = admin.create_feature_view(request=asked).result(timeout=300).name
    assert synced(admin, name) == ""
    reader = aiplatform_v1.FeatureOnlineStoreServiceClient()
    read = {"feature_view": name, "data_key": {"key": "c1"}, "data_format": "PROTO_STRUCT"}
    assert dict(reader.fetch_feature_values(request=read).proto_struct) == {"calls": 2}
    for served, problem in ((["calls", "place"], ""), (["calls", "age"], "has no column age")):
        view["feature_registry_source"]["feature_groups"][0]["feature_ids"] = served
        changed = {"feature_view": view | {"name": name}, "update_mask": {"paths": ["feature_registry_source"]}}
        admin.update_feature_view(request=changed).result(timeout=300)
        assert problem in synced(admin, name)
        assert dict(reader.fetch_feature_values(request=read).proto_struct) == {"calls": 2, "place": "DE"}


def test_the_nearest_vectors_are_found(cloud):
    index = aiplatform.MatchingEngineIndex.create_tree_ah_index(
        display_name="i",
        dimensions=2,
        approximate_neighbors_count=3,
        distance_measure_type="DOT_PRODUCT_DISTANCE",
        index_update_method="STREAM_UPDATE",
    )
    client = aiplatform_v1.IndexServiceClient()
    points = [
        {"datapoint_id": "a", "feature_vector": [1, 0], "restricts": [{"namespace": "kind", "allow_list": ["doc"]}]},
        {"datapoint_id": "b", "feature_vector": [0.5, 0.5]},
    ]
    client.upsert_datapoints(request={"index": index.resource_name, "datapoints": points})
    endpoints = aiplatform_v1.IndexEndpointServiceClient()
    made = endpoints.create_index_endpoint(parent=PLACE, index_endpoint={"display_name": "e"}).result(timeout=300)
    deployed = {"id": "live", "index": index.resource_name}
    endpoints.deploy_index(index_endpoint=made.name, deployed_index=deployed).result(timeout=300)
    query = {"datapoint": {"feature_vector": [1, 0]}, "neighbor_count": 2}
    asked = {"index_endpoint": made.name, "deployed_index_id": "live", "queries": [query]}
    matcher = aiplatform_v1.MatchServiceClient()
    (found,) = matcher.find_neighbors(request=asked).nearest_neighbors
    assert [near.datapoint.datapoint_id for near in found.neighbors] == ["a", "b"]
    query["datapoint"]["restricts"] = [{"namespace": "kind", "allow_list": ["doc"]}]
    (found,) = matcher.find_neighbors(request=asked).nearest_neighbors
    assert [near.datapoint.datapoint_id for near in found.neighbors] == ["a"]


def test_series_of_a_run_lie_in_its_tensorboard(cloud):
    board = aiplatform.Tensorboard.create(display_name="board")
    aiplatform.init(experiment="curves", experiment_tensorboard=board)
    with aiplatform.start_run("one") as run:
        for step, loss in ((1, 0.5), (2, 0.25)):
            aiplatform.log_time_series_metrics({"loss": loss}, step=step)
        assert list(run.get_time_series_data_frame()["loss"]) == [0.5, 0.25]
    client = aiplatform_v1.TensorboardServiceClient()
    (series,) = client.list_tensorboard_time_series(parent=f"{board.resource_name}/experiments/curves/runs/one")
    read = client.batch_read_tensorboard_time_series_data(
        request={"tensorboard": board.resource_name, "time_series": [series.name]}
    )
    assert [point.scalar.value for point in read.time_series_data[0].values] == [0.5, 0.25]
    with pytest.raises(NotFound):
        client.read_tensorboard_time_series_data(tensorboard_time_series=f"{series.name}x")


def test_an_evaluation_belongs_to_one_version(cloud):
    first = upload(model_id="churn")
    upload(parent_model=first.resource_name)
    client = aiplatform_v1.ModelServiceClient()
    given = {"display_name": "one", "metrics": {"auRoc": 0.9}, "metrics_schema_uri": "gs://x/schema.yaml"}
    made = client.import_model_evaluation(parent=f"{first.resource_name}@2", model_evaluation=given)
    assert client.get_model_evaluation(name=made.name).display_name == "one"
    assert [found.name for found in client.list_model_evaluations(parent=f"{first.resource_name}@2")] == [made.name]
    assert list(client.list_model_evaluations(parent=f"{first.resource_name}@1")) == []
    with pytest.raises(NotFound):
        client.import_model_evaluation(parent=f"{first.resource_name}@3", model_evaluation=given)


def test_the_nearest_entities_of_a_view_are_found(cloud):
    client = bigquery.Client(project="p1", location="EU")
    client.create_dataset("features")
    rows = [{"id": f"e{n}", "kind": "a" if n < 2 else "b", "vector": [float(n), 0.0]} for n in range(4)]
    client.load_table_from_json(rows, "p1.features.vectors").result(timeout=300)
    admin = aiplatform_v1.FeatureOnlineStoreAdminServiceClient()
    store = aiplatform_v1.FeatureOnlineStore(optimized={})
    admin.create_feature_online_store(parent=PLACE, feature_online_store=store, feature_online_store_id="online")
    view = aiplatform_v1.FeatureView(big_query_source={"uri": "bq://p1.features.vectors", "entity_id_columns": ["id"]})
    config = aiplatform_v1.FeatureView.IndexConfig(embedding_column="vector", embedding_dimension=2)
    config.distance_measure_type = aiplatform_v1.FeatureView.IndexConfig.DistanceMeasureType.SQUARED_L2_DISTANCE
    view.index_config = config
    name = f"{PLACE}/featureOnlineStores/online"
    made = admin.create_feature_view(parent=name, feature_view=view, feature_view_id="near").result(timeout=300)
    assert synced(admin, made.name) == ""
    reader = aiplatform_v1.FeatureOnlineStoreServiceClient()

    def near(**query):
        asked = {"feature_view": made.name, "query": {"neighbor_count": 2, **query}, "return_full_entity": True}
        found = reader.search_nearest_entities(request=asked).nearest_neighbors.neighbors
        return [(one.entity_id, one.distance) for one in found]

    assert near(embedding={"value": [0.0, 0.0]}) == [("e0", 0.0), ("e1", 1.0)]
    assert near(entity_id="e3") == [("e3", 0.0), ("e2", 1.0)]
    assert near(entity_id="e3", string_filters=[{"name": "kind", "allow_tokens": ["a"]}])[0] == ("e1", 4.0)
    with pytest.raises(BadRequest, match="dimensions"):
        near(embedding={"value": [0.0]})
