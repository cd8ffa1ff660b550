"""The twins: the compiled file through kfp.local and the parsed DAG through Airflow do the same, and so does no
orchestrator at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.cloud import aiplatform
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from operations import airflow
from operations.outcome import OperationFailed
from operations.pipeline_compile import compile_
from operations.pipeline_runs import start
from operations.pipeline_submit import submit
from operations.pipeline_versions import bucket_of, publish, published, version_of
from pipelines.artifacts import Report
from pipelines.execute import Run
from pipelines.graph import PIPELINES, graph
from pipelines.place import Place
from sandbox.api.call import Facade
from settings.model import Installation
from tests.conftest import ROOT
from tests.pipelines import api
from tests.pipelines.rows import place_at

ORCHESTRATORS = ("inprocess", "vertex", "composer")
VERSIONS = {"vertex": "0123456789ab" + 28 * "0", "composer": "ba9876543210" + 28 * "0"}
STRUCTURE = Path(__file__).with_name("airflow_structure.py")
AIRFLOWS = {
    version: airflow.PROGRAM.parents[2] / f"{version}-environment/bin/python" for version in ("airflow", "airflow3")
}
FACTS = {"run", "place", "commit", "release"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facade]:
    with api.served(tmp_path_factory.mktemp("cloud")) as facade:
        yield facade


@pytest.fixture(scope="module")
def ran(
    installation: Installation, cloud: Facade, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Place, Report]]:
    """One run by each orchestrator, each at a place of its own: the place and the record.

    Two are published and submitted to the sandbox's API, and one needs no orchestrator.
    """
    out = {}
    for name in ORCHESTRATORS:
        place = place_at(installation, tmp_path_factory.mktemp(name))
        run = Run("one", place, {"seed": 3})
        if name in VERSIONS:
            api.furnish(cloud.store, place)
            publish(place, name, VERSIONS[name])
            out[name] = (place, submit(run, VERSIONS[name], lambda *_: None, by="ada@example.com"))
        else:
            out[name] = (place, start(run, name, lambda *_: None, by="ada@example.com"))
    return out


@pytest.fixture(scope="module")
def compiled(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The definitions as they go to Google, with and without a Feature Store."""
    folder = tmp_path_factory.mktemp("compiled")
    for name, store in (("with", "churn"), ("without", None)):
        place = place_at(installation, folder, feature_store=store)
        compile_(place, ("vertex", "composer"), folder / name)
    return folder


def pipeline(folder: Path, name: str = "operational") -> Any:
    return next(yaml.safe_load_all((folder / f"churn-{name}.yaml").read_text()))


def vertex_edges(document: Any) -> dict[str, set[str]]:
    """For each step of a compiled pipeline, the steps before it; those behind the gate have it before them."""
    found: dict[str, set[str]] = {}
    gated = next(n for n in document["root"]["dag"]["tasks"] if n.startswith("condition"))
    inner = document["components"][document["root"]["dag"]["tasks"][gated]["componentRef"]["name"]]["dag"]["tasks"]
    for name, task in document["root"]["dag"]["tasks"].items():
        if name != gated:
            found[step_name(name)] = {step_name(before) for before in task.get("dependentTasks", [])}
    for name, task in inner.items():
        outside = {
            step_name(key.removeprefix("pipelinechannel--").partition("-made_")[0])
            for it in task["inputs"].get("artifacts", {}).values()
            if (key := it.get("componentInputArtifact"))
        }
        found[step_name(name)] = {step_name(b) for b in task.get("dependentTasks", [])} | outside | {"gate"}
    return found


def step_name(task: str) -> str:
    return task.replace("-", "_")


def airflow_dags(version: str, folder: Path, home: Path) -> Any:
    done = subprocess.run(
        [AIRFLOWS[version], STRUCTURE, folder],
        env=airflow.environment(home, folder),
        capture_output=True,
        text=True,
        check=True,
    )
    told = next(line for line in done.stdout.splitlines() if line.startswith("STRUCTURE "))
    found = json.loads(told.removeprefix("STRUCTURE "))
    assert found["errors"] == {}
    return found["dags"]


@pytest.fixture(scope="module", params=sorted(AIRFLOWS))
def dag(request: pytest.FixtureRequest, compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The DAG as one version of Airflow has parsed it. Of those that are published none starts by itself."""
    found = airflow_dags(request.param, compiled / "with", tmp_path_factory.mktemp(request.param))
    assert set(found) == {f"churn-{name}" for name in PIPELINES}
    assert {one["schedule"] for one in found.values()} == {"None"}
    return found["churn-operational"]


@pytest.mark.proves("D10", defect="a split that does not wait for validation")
def test_both_have_the_steps_and_edges_of_the_graph(compiled: Path, dag: Any) -> None:
    steps = graph(features=True)
    wanted = {step.name: set(step.before) | ({"gate"} if step.after_gate else set()) for step in steps}
    document = pipeline(compiled / "with")
    assert vertex_edges(document) == wanted
    document["root"]["dag"]["tasks"]["split"]["dependentTasks"] = []
    assert vertex_edges(document) != wanted
    before: dict[str, set[str]] = {name: set() for name in dag["edges"]}
    for name, after in dag["edges"].items():
        for one in after:
            before[one].add(name)
    assert before.pop("gate") == {"decide"}
    assert before == wanted


def test_both_take_the_same_parameters_with_the_same_defaults(compiled: Path, dag: Any) -> None:
    inputs = pipeline(compiled / "with")["root"]["inputDefinitions"]["parameters"]
    vertex = {name: facts["defaultValue"] for name, facts in inputs.items() if name not in FACTS}
    composer = {name: value for name, value in dag["parameters"].items() if name not in FACTS}
    assert vertex == composer == json.loads(json.dumps(Run("r", _any(), {}).flow.parameters.model_dump()))


def _any() -> Any:
    class Team:
        team = "churn"

    return Team()


def test_both_have_the_contract_of_every_step(compiled: Path) -> None:
    document = pipeline(compiled / "with")
    listed = json.loads((compiled / "with" / "churn-operational.graph.json").read_text())["steps"]
    for step in listed:
        component = document["components"][f"comp-{step['name'].replace('_', '-')}"]
        assert set(component["inputDefinitions"].get("artifacts", {})) == set(step["inputs"]), step["name"]
        made = {name.removeprefix("made_") for name in component["outputDefinitions"]["artifacts"]}
        assert made == set(step["outputs"]), step["name"]


COVERED = {
    "building": {"transfer", "transform", "split", "tune", "train"},
    "testing": {"validate", "evaluate", "decide"},
    "deployment": {"register", "deploy", "monitor", "promote", "conclude", "retire", "roll_back"},
}


def uncovered(content: dict[str, bytes], orchestrator: str) -> set[str]:
    """Parts of a model's life that no definition among the copied files covers."""
    steps: set[str] = set()
    for name, data in content.items():
        if name.endswith(".graph.json"):
            steps |= {step["name"] for step in json.loads(data)["steps"] if step["job"]["job_spec"]}
        elif orchestrator == "vertex" and name.endswith(".yaml") and name != "flow.yaml":
            executors = next(yaml.safe_load_all(data))["deploymentSpec"]["executors"]
            steps |= {
                step_name(key.removeprefix("exec-")) for key, it in executors.items() if it["container"]["command"]
            }
    return {part for part, needed in COVERED.items() if not needed <= steps}


@pytest.mark.proves("P4b", defect="copied files without the promotion, and without the graph that makes a model")
def test_what_is_copied_builds_tests_and_deploys_a_model(ran: dict[str, tuple[Place, Report]]) -> None:
    for orchestrator, commit in VERSIONS.items():
        place, record = ran[orchestrator]
        _, content = version_of(place, commit)
        assert uncovered(content, orchestrator) == set()
        assert {"train", "evaluate", "decide", "deploy"} <= set(record["steps"]), "what is copied is what ran"
        for lost, parts in (("promotion", {"deployment"}), ("operational", set(COVERED))):
            left = {name: data for name, data in content.items() if f"-{lost}" not in name}
            assert uncovered(left, orchestrator) == parts


@pytest.mark.proves("O9", defect="the setting off, and the steps gone with it")
def test_the_feature_store_is_one_setting(compiled: Path) -> None:
    steps = {"write_features", "read_features"}
    with_, without = (vertex_edges(pipeline(compiled / name)) for name in ("with", "without"))
    assert set(with_) - set(without) == steps
    assert "write_features" in with_["read_features"]
    assert "read_features" in with_["train"]
    assert "split" in without["train"]
    listed = json.loads((compiled / "without" / "churn-operational.graph.json").read_text())["steps"]
    assert not steps & {step["name"] for step in listed}


def images(document: Any) -> set[str]:
    """The images that the stages of a compiled pipeline run in."""
    return {it["container"]["image"] for it in document["deploymentSpec"]["executors"].values()}


@pytest.mark.proves("O6b", "HOUSE-IMG-1", defect="a stage with an image of its own")
def test_all_stages_run_one_image_by_digest(compiled: Path) -> None:
    document = pipeline(compiled / "with")
    vertex = images(document)
    jobs = [
        step["job"]["job_spec"]
        for step in json.loads((compiled / "with/churn-operational.graph.json").read_text())["steps"]
    ]
    composer = {pool["container_spec"]["image_uri"] for job in jobs for pool in job["worker_pool_specs"]}
    assert vertex == composer
    assert len(vertex) == 1
    assert "@sha256:" in vertex.pop()
    document["deploymentSpec"]["executors"]["exec-train"]["container"]["image"] = "of/its/own@sha256:0"
    assert len(images(document)) == 2


def test_the_compiled_file_is_a_pipeline_of_google(compiled: Path) -> None:
    json_format.ParseDict(pipeline(compiled / "with"), pipeline_spec_pb2.PipelineSpec())
    assert "pip install" not in (compiled / "with" / "churn-operational.yaml").read_text()


def test_compiling_twice_gives_the_same_bytes(compiled: Path, installation: Installation, tmp_path: Path) -> None:
    place = place_at(installation, compiled, feature_store="churn")
    for path in compile_(place, ("vertex", "composer"), tmp_path):
        assert path.read_bytes() == (compiled / "with" / path.name).read_bytes(), path.name


@pytest.mark.proves("A4", defect="other parameters")
def test_all_give_the_same_model_metrics_and_decision(
    ran: dict[str, tuple[Place, Report]], installation: Installation, tmp_path: Path
) -> None:
    records = {name: record for name, (_, record) in ran.items()}
    for key in ("verdict", "metrics", "reasons", "data", "parameters", "version"):
        assert records["vertex"][key] == records["composer"][key] == records["inprocess"][key], key
    assert records["vertex"]["verdict"] == "PASS"
    digests = {name: {step: it["outputs"] for step, it in one["steps"].items()} for name, one in records.items()}
    for step in set(digests["vertex"]) - {"track"}:
        assert digests["vertex"][step] == digests["composer"][step] == digests["inprocess"][step], step
    run = Run("one", place_at(installation, tmp_path), {"technique": "boosting", "iterations": 20})
    other = start(run, "inprocess", lambda *_: None, by="ada@example.com")
    assert other["steps"]["train"]["outputs"] != digests["inprocess"]["train"]


def test_both_submit_training_as_a_custom_job(ran: dict[str, tuple[Place, Report]]) -> None:
    from pipelines.services.ledger import Ledger

    found = {name: Ledger(place, "custom_jobs").get("churn-train-one") for name, (place, _) in ran.items()}
    for name, (place, _) in ran.items():
        job = found[name]
        assert job
        spec = job["job_spec"]
        assert job["encryption_spec"]["kms_key_name"] == place.key
        assert (spec["service_account"], spec["network"]) == (place.service_account, place.network)
        assert spec["worker_pool_specs"][0]["container_spec"]["image_uri"] == place.image
        assert spec["base_output_directory"]["output_uri_prefix"] == place.uri("one", "train")


def test_orchestrators_run_what_was_compiled_and_not_a_function_of_this_process(
    ran: dict[str, tuple[Place, Report]], cloud: Facade
) -> None:
    """Each leaves what only its program makes: kfp its root of a run, Airflow its log of tasks."""
    folder = cloud.store.path.parent
    assert list(folder.glob("pipelines/*-churn-operational-one/root/churn-operational-*/train/made_model"))
    (log,) = folder.glob("airflow/*churn-operational-ba9876543210-one/log")
    assert "dag_id=churn-operational-ba9876543210" in log.read_text()


@pytest.mark.proves("O3a", "O3b", defect="other bytes under a commit that is published")
def test_what_was_published_is_what_a_fresh_compilation_gives(
    ran: dict[str, tuple[Place, Report]], tmp_path: Path
) -> None:
    for name, commit in VERSIONS.items():
        place = ran[name][0]
        found, content = version_of(place, commit)
        fresh = compile_(place, [name], tmp_path, version=found.version)
        assert {path.name: path.read_bytes() for path in fresh}.items() <= content.items()
        assert (found.commit, found.image) == (commit, place.image)
    assert {"vertex.py", "flow.yaml", "transfer.sql"} <= set(version_of(ran["vertex"][0], VERSIONS["vertex"])[1])
    other = ran["vertex"][0].model_copy(update={"image": place.image.replace("@sha256:", "@sha256:0")[:-1]})
    with pytest.raises(OperationFailed, match="was published with other bytes"):
        publish(other, "vertex", VERSIONS["vertex"])


@pytest.mark.proves("O4", "O5", defect="a definition that was removed from the bucket, and one that was changed")
def test_a_run_names_its_commit_and_is_of_the_definition_in_the_bucket(
    ran: dict[str, tuple[Place, Report]], cloud: Facade
) -> None:
    for name, commit in VERSIONS.items():
        assert (ran[name][1]["commit"], ran[name][1]["orchestrator"]) == (commit, name)
    place = ran["vertex"][0]
    job = aiplatform.PipelineJob.get("churn-operational-one", project=place.project, location=place.region)
    assert job.state.name == "PIPELINE_STATE_SUCCEEDED"
    assert job.labels.items() >= {"version": "0123456789ab", "run": "one"}.items()
    assert job.gca_resource.job_detail.pipeline_run_context.schema_title == "system.PipelineRun"
    assert {one.task_name for one in job.task_details} >= {"train", "monitor"}
    assert [one.version for one in published(place)] == ["ba9876543210", "0123456789ab"]
    bucket, again = bucket_of(place), Run("again", place, {})
    file = bucket.blob("versions/0123456789ab/churn-operational.yaml")
    kept = file.download_as_bytes()
    file.upload_from_string(kept + b"# other")
    with pytest.raises(OperationFailed, match="is not what was published"):
        submit(again, VERSIONS["vertex"], lambda *_: None, by="ada@example.com")
    file.delete()
    with pytest.raises(OperationFailed, match="has lost a file"):
        submit(again, VERSIONS["vertex"], lambda *_: None, by="ada@example.com")
    file.upload_from_string(kept)
    with pytest.raises(OperationFailed, match="is not published; there are ba9876543210, 0123456789ab"):
        submit(again, "fedcba987654", lambda *_: None, by="ada@example.com")


def test_no_project_address_bucket_or_threshold_is_in_code(installation: Installation) -> None:
    import re

    place = place_at(installation, Path("/nowhere"))
    secret = [place.project, place.bucket, place.contact, place.source_project, place.service_account, place.endpoint]
    pattern = re.compile("|".join(map(re.escape, secret)) + r"|@[a-z-]+\.iam\.gserviceaccount|[a-z]+@example")
    rule = re.compile(r"(auc|log_loss|brier|calibration_error|skew|drift|canary)\w*\s*(>=|<=|<|>|=)\s*[0-9.]+")
    for path in [p for p in (ROOT / "pipelines").rglob("*.py") if "genai" not in p.parts]:
        text = path.read_text()
        assert not pattern.search(text), path
        assert not rule.search(text), path
    assert pattern.search(f"bucket = '{place.bucket}'")
    assert rule.search("if auc >= 0.7:")
