"""Google's own clients, unchanged, against the sandbox's API: models, judges, embeddings, prompts, AutoSxS."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from google.cloud import aiplatform_v1, aiplatform_v1beta1, bigquery

import tests.sandbox.api.conftest as sandbox_api
from operations import prompts, traffic
from operations.duels import fought, told
from operations.evaluations import Desk
from operations.outcome import OperationFailed
from operations.runners import Workshop
from operations.watching import brought
from pipelines.genai import results
from pipelines.genai.assets import Assets
from pipelines.genai.chain import read as chain_of
from pipelines.genai.drift.watching import Proposed
from pipelines.genai.judging import Unreadable
from pipelines.genai.lines import written
from pipelines.genai.stub import Stub
from pipelines.genai.vertex import warehouse
from pipelines.genai.vertex.autosxs import AutoSxS, judgements
from pipelines.genai.vertex.embedding import VertexEmbedding
from pipelines.genai.vertex.model import VertexModel
from pipelines.genai.vertex.place import Place
from pipelines.genai.vertex.prompt_shelf import Shelf
from pipelines.genai.vertex.service_judge import ServiceJudge, rubric
from pipelines.genai.writer import ModelFailed
from sandbox.api.call import Facade
from settings.problems import InvalidSettings
from tests.program import ROOT

cloud = sandbox_api.cloud
BUCKET = "p1-staging"
QUESTION = {
    "passages": [{"id": "billing#1", "text": "Invoices are due within 14 days."}],
    "question": "When are invoices due?",
}


@pytest.fixture
def place(cloud: Facade, tmp_path: Path) -> Place:
    """A project of the sandbox, with what plays models there."""
    Workshop(tmp_path, ROOT).register(cloud)
    cloud.store.put("google_storage_bucket", BUCKET, {"name": BUCKET, "project": "p1", "location": "EU", "id": BUCKET})
    return Place("p1", "europe-west3", "STUB behind the sandbox's Vertex AI", BUCKET, "a@p1.iam.gserviceaccount.com")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The SDK of prompt management looks at once whether an operation has ended, and not after five seconds."""
    from agentplatform._genai import prompts

    monkeypatch.setattr(prompts.time, "sleep", lambda seconds: None)
    yield


def asked(cloud: Facade, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """What the API is asked of a model from now on, which says `answer`."""
    seen: list[dict[str, Any]] = []
    cloud.runners["generate"] = lambda request: seen.append(request) or answer  # type: ignore[func-returns-value]
    return seen


@pytest.mark.proves("GO-safety-1", defect="an answer that a filter withheld")
def test_a_call_carries_the_components_model_parameters_and_filters(
    example: Assets, cloud: Facade, place: Place
) -> None:
    prompt = example.prompt("answer")
    good = VertexModel(place).generate(prompt, prompt.render(QUESTION))
    assert (good.text, good.model_version) == ("Invoices are due within 14 days. [billing#1]", prompt.it.model)
    rating = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH", "blocked": True}
    seen = asked(cloud, {"candidates": [{"finishReason": "SAFETY", "safetyRatings": [rating]}], "modelVersion": "m-2"})
    bad = VertexModel(place).generate(prompt, "x")
    assert (bad.text, bad.model_version, bad.ratings) == ("", "m-2", {"HARM_CATEGORY_HARASSMENT": "HIGH"})
    assert seen[0]["model"].endswith(f"/publishers/google/models/{prompt.it.model}")
    assert seen[0]["generationConfig"] == {"temperature": 0.0, "topP": 1.0, "maxOutputTokens": 256, "seed": 7}
    assert {one["category"]: one["threshold"] for one in seen[0]["safetySettings"]} == prompt.it.safety


def test_what_google_refuses_and_silence_are_told_and_nothing_is_made_up(
    example: Assets, cloud: Facade, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    del cloud.runners["generate"]
    with pytest.raises(ModelFailed, match=r"model gemini-.*: 501 .*does not know what this model says"):
        VertexModel(place).generate(example.prompt("answer"), "x")
    monkeypatch.setenv("BLUEPRINT_SANDBOX_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelFailed, match="embedding an-embedding: does not answer"):
        VertexEmbedding(place, "an-embedding")(["x"])


def test_a_chain_answers_through_google_genai_as_it_does_here(example: Assets, place: Place) -> None:
    chain = chain_of(example, "assistant")
    there, spans = chain.run({"question": "When are invoices due?"}, VertexModel(place), trace="t")
    assert there == chain.run({"question": "When are invoices due?"}, Stub(), trace="t")[0]
    assert spans[2].facts["input_tokens"] > 100


def test_embeddings_come_one_for_each_text_and_near_where_texts_are(place: Place) -> None:
    vectors = VertexEmbedding(place, "gemini-embedding-001")(["a rented router", "my router", "an invoice"] * 4)
    assert vectors.shape == (12, 768)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert (vectors[:3] == vectors[3:6]).all()


@pytest.mark.proves("GO-eval-3", defect="an evaluation service that always prefers the first answer")
def test_the_evaluation_service_judges_by_our_rubrics_in_both_orders(
    example: Assets, cloud: Facade, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = ServiceJudge(example.prompt("rate"), example.prompt("prefer"), VertexModel(place), place)
    assert judge.rate("When?", "Within 14 days.", "Within 14 days.").score == 5
    assert judge.rate("When?", "Within 14 days.", "Never.").score == 1
    assert judge.duel("When?", "Within 14 days.", "Within 14 days.", "Never.").score == 1
    assert judge.duel("When?", "Within 14 days.", "Never.", "Within 14 days.").score == 0
    assert "{response}" in rubric(judge.rate_prompt) and "JSON" not in rubric(judge.rate_prompt)
    requests: list[Any] = []

    class Biased:
        def evaluate_instances(self, request: dict[str, Any]) -> Any:
            requests.append(aiplatform_v1beta1.EvaluateInstancesRequest(request))
            result = {"pairwise_choice": "CANDIDATE", "explanation": "it stands first"}
            return aiplatform_v1.EvaluateInstancesResponse(pairwise_metric_result=result)

    monkeypatch.setattr(Place, "service", lambda self, name, version="v1": Biased())
    duel = judge.duel("When?", "Within 14 days.", "Within 14 days.", "Never.")
    assert (duel.by_place, duel.score) == (True, 0.5)
    config = requests[0].autorater_config
    assert (config.sampling_count, config.flip_enabled) == (1, False)
    assert config.autorater_model.endswith(judge.prefer_prompt.it.model)
    with pytest.raises(Unreadable):
        judge.rate("When?", "Within 14 days.", "Never.")


def test_a_prompt_is_published_once_pulled_whole_and_a_change_there_is_seen(
    copy: Assets, place: Place, patient: None
) -> None:
    shelf, prompt = Shelf(place), copy.prompt("answer")
    assert shelf.publish(prompt) and not shelf.publish(prompt)
    assert [p.place for p in shelf.differing(copy.prompts())] == ["p1/improve", "p1/letter", "p1/prefer", "p1/rate"]
    path = copy.folder / "prompts/answer/template.txt"
    path.write_text(path.read_text().replace("you do not know.", "you do not know!"))
    changed = copy.prompt("answer")
    assert [p.text for p in shelf.differing({"answer": changed})] == [
        f"published is {prompt.version[:12]}, Git holds {changed.version[:12]}"
    ]
    assert shelf.publish(changed)
    assert [shelf.pull("answer").version, shelf.pull("answer", prompt.version[:12]).version] == [
        changed.version,
        prompt.version,
    ]
    assert shelf.pull("answer").examples == prompt.examples
    with pytest.raises(InvalidSettings, match="has no published version 0123"):
        shelf.pull("answer", "0123")
    client = shelf._client
    known = next(iter(client.list())).prompt_id
    held = client.get(prompt_id=known)
    held.prompt_data.contents[0].parts[0].text += " Be rude."
    client.update(prompt_id=known, prompt=held, config={"version_display_name": changed.version})
    with pytest.raises(InvalidSettings, match="it was changed there"):
        shelf.pull("answer")


def test_what_is_pulled_is_the_whole_component(
    copy: Assets, place: Place, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "_shelf", lambda *_: nullcontext(Shelf(place)))
    where: Any = {"models": "sandbox", "environment": "nonproduction"}
    version = copy.prompt("letter").version
    assert prompts.published(copy.folder, ROOT / "settings", "letter", **where)
    extra = copy.folder / "prompts/letter/examples.jsonl"
    extra.write_text('{"inputs": {"question": "What is due?"}, "output": "Nothing."}\n')
    assert copy.prompt("letter").version != version
    assert prompts.pulled(copy.folder, ROOT / "settings", "letter", version, **where) == (version, True)
    assert copy.prompt("letter").version == version and not extra.exists()
    assert prompts.pulled(copy.folder, ROOT / "settings", "letter", version, **where) == (version, False)


def test_autosxs_is_asked_in_both_orders_and_its_judgements_are_read(
    example: Assets, place: Place, tmp_path: Path
) -> None:
    desk = Desk.opened(example.folder, ROOT / "settings", "assistant", kept=tmp_path, place=place)
    here = Desk.opened(example.folder, ROOT / "settings", "assistant", kept=tmp_path).run()
    worse = tuple(one.model_copy(update={"answer": "No."}) for one in here.items)
    found = fought(desk, here, dataclasses.replace(here, items=worse), autosxs=True)
    assert found.by.startswith("AutoSxS, STUB")
    assert len(found.duels) == sum(bool(one.reference) for one in here.items)
    assert sum(found.scores) / len(found.scores) > 0.9
    assert next(told(found)).endswith("0 could not be read")
    assert judgements('{"id": "a", "choice": "B", "explanation": "x"}\n{"id": "b", "choice": "?"}\n').keys() == {"a"}
    job = AutoSxS(place).request("gs://b/f")
    assert aiplatform_v1.PipelineJob(job).runtime_config.parameter_values["response_column_b"] == "second"
    with pytest.raises(OperationFailed, match="is a service of Vertex AI"):
        fought(dataclasses.replace(desk, place=None), here, here, autosxs=True)


def test_results_lie_in_bigquery_as_on_this_computer_and_a_run_stands_once(
    example: Assets, place: Place, tmp_path: Path
) -> None:
    at = dataclasses.replace(place, dataset="monitoring")
    desk = Desk.opened(example.folder, ROOT / "settings", "assistant", kept=tmp_path, writer=Stub())
    run = desk.run()
    with pytest.raises(InvalidSettings, match="BigQuery is not on this computer"):
        desk.warehoused(run)
    with pytest.raises(ModelFailed, match=r"dataset p1\.monitoring: 404"):
        warehouse.store(at, run)
    client = bigquery.Client(project="p1", location="europe-west3")
    client.create_dataset("monitoring")
    before = [bigquery.SchemaField(name, kind) for name, kind in list(results.SCHEMA["items"].items())[:-1]]
    client.create_table(bigquery.Table("p1.monitoring.genai_items", schema=before))
    for _ in range(2):
        assert warehouse.store(at, run) == "p1.monitoring"
    with duckdb.connect(str(tmp_path / "results.duckdb"), read_only=True) as here:
        for table, columns in results.SCHEMA.items():
            there = client.list_rows(f"p1.monitoring.genai_{table}")
            kinds = {"INTEGER": "INT64", "BOOLEAN": "BOOL", "FLOAT": "FLOAT64"}  # BigQuery says either
            assert {one.name: kinds.get(one.field_type, one.field_type) for one in there.schema} == columns
            found = here.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            assert sorted(map(repr, map(tuple, (row.values() for row in there)))) == sorted(map(repr, found))


def test_proposals_of_the_bucket_come_beside_the_golden_set_once_and_a_broken_one_is_named(
    copy: Assets, cloud: Facade, place: Place, tmp_path: Path
) -> None:
    desk = Desk.opened(copy.folder, ROOT / "settings", "assistant", kept=tmp_path / "kept", place=place)
    there = f"gs://{BUCKET}/watch/assistant/proposals.jsonl"
    assert brought(desk) == ([], 0), "nothing was watched yet"
    first, second = (Proposed(question=f"Why {n}?", answer="", why="far", day="2026-11-25") for n in (1, 2))
    traffic.put(there, written([first]))
    assert brought(desk) == ([first], 1)
    traffic.put(there, written([first, second]))
    assert brought(desk) == ([first, second], 1)
    assert copy.golden("handbook").content == desk.evaluation.golden.content, "a proposal is no item"
    traffic.put(there, written([first]) + '{"qestion": "a"}\n')
    with pytest.raises(InvalidSettings, match=rf"{there}:2"):
        brought(desk)
    assert len((copy.folder / "golden/handbook/proposals.jsonl").read_text().splitlines()) == 2
