"""Runs are complete, repeatable and resumable; their scores are those of the metrics; damage has a name."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from operations.evaluations import Desk, pin, reported, results_of
from operations.outcome import OperationFailed
from operations.releases import built, verified
from operations.tracing import replayed, traced
from pipelines.gate import Judgement, Verdict
from pipelines.genai import evaluation, functions, gating, release, results, tooling
from pipelines.genai.agreement import kappa
from pipelines.genai.assets import Assets
from pipelines.genai.evaluation import Run
from pipelines.genai.golden import Attack, Item
from pipelines.genai.metrics import METRICS, Answered
from pipelines.genai.prompt import Prompt
from pipelines.genai.stepwise import stepwise
from pipelines.genai.stub import PASSAGE, Stub
from pipelines.genai.writer import ModelFailed, Reply
from settings.problems import InvalidSettings
from tests.program import EXAMPLE, ROOT, blueprint

SETTINGS = ROOT / "settings"
TODAY = date(2026, 11, 25)


class Changed(Stub):
    """The stand-in, but for what a test changes about its replies to one task."""

    def __init__(self, change: Callable[[Reply, str], Mapping[str, Any]], task: str = "answer") -> None:
        self.change, self.task = change, task

    def generate(self, prompt: Prompt, text: str) -> Reply:
        reply = super().generate(prompt, text)
        return dataclasses.replace(reply, **self.change(reply, text)) if prompt.it.task == self.task else reply


def desk(assets: Assets, kept: Path, writer: Stub | None = None) -> Desk:
    return Desk.opened(assets.folder, SETTINGS, "assistant", kept=kept, writer=writer)


def edit(assets: Assets, file: str, old: str, new: str) -> None:
    path = assets.folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def candidate(assets: Assets, kept: Path, writer: Stub | None = None) -> Judgement:
    pin(assets.folder, SETTINGS, "assistant")
    place = desk(assets, kept, writer)
    return place.judged(place.run(), place.kept_run("release"), TODAY)


def failed(judgement: Judgement) -> set[str]:
    assert judgement.verdict == Verdict.FAIL
    return {finding.metric for finding in judgement.findings if finding.verdict == Verdict.FAIL}


@pytest.fixture(scope="session")
def run(example: Assets, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The example's run."""
    return desk(example, tmp_path_factory.mktemp("kept")).run()


def test_the_example_reaches_what_its_release_says(example: Assets, run: Run, tmp_path: Path) -> None:
    place = desk(example, tmp_path)
    judgement = place.judged(run, place.kept_run("release"), TODAY)
    assert judgement.verdict == Verdict.PASS, judgement.reasons
    assert verified(place) == []
    assert "STUB" in run.label


def test_retrieval_is_measured_and_gated_by_itself(run: Run) -> None:
    for metric in ("recall_at_k", "reciprocal_rank"):
        scores = list(gating.means(run, metric).values())
        assert len(scores) >= 40
        assert sum(scores) / len(scores) > 0.9


@pytest.mark.proves("GO-chain-3", "GO-monitor-2", defect="a guard that withholds what the model answered well")
def test_every_step_can_be_seen_and_run_again_from_any(example: Assets, run: Run, tmp_path: Path) -> None:
    place = desk(example, tmp_path)
    steps = traced(run, "billing-01")
    assert [step["name"] for step in steps] == ["mask", "retrieve", "answer", "ground"]
    assert steps[3]["input"]["text"] == steps[2]["output"], "what went in is what came out before"
    again = replayed(place, run, "billing-01", "answer")
    assert [(s["name"], s["output"]) for s in again] == [(s["name"], s["output"]) for s in steps[2:]]
    guard = Changed(lambda reply, text: {"text": "Dragons pay it. [billing#1]"})
    told = replayed(desk(example, tmp_path, guard), run, "billing-01", "answer")
    assert told[0]["output"] == "Dragons pay it. [billing#1]" != told[1]["output"], "the guard changed it, and is named"
    with pytest.raises(InvalidSettings, match="did you mean 'answer'"):
        replayed(place, run, "billing-01", "anser")


def test_every_step_is_traced_and_a_chain_replays_from_any_of_them(example: Assets, run: Run, tmp_path: Path) -> None:
    chain = desk(example, tmp_path).evaluation.chain
    one = run.items[0]
    assert [step["name"] for step in one.steps] == list(chain.it.steps)
    assert len({step["trace"] for step in one.steps}) == 1
    recorded = {step["name"]: step["output"] for step in one.steps if step["name"] not in ("retrieve", "ground")}
    recorded["retrieve"] = [
        {"id": p.id, "document": p.document, "text": p.text}
        for p in next(iter(chain.indexes.values())).passages
        if p.id in one.passages
    ]
    again, spans = chain.run({"question": one.question}, Stub(), trace="again", recorded=recorded)
    assert again == one.answer
    assert [span.name for span in spans] == ["ground"]


def test_the_model_sees_the_passages_that_were_retrieved(example: Assets, tmp_path: Path) -> None:
    seen: list[str] = []
    chain = desk(example, tmp_path).evaluation.chain
    writer = Changed(lambda reply, text: seen.append(text) or {})  # type: ignore[func-returns-value]
    _, spans = chain.run({"question": "What does a move cost to +49 171 5550123?"}, writer, trace="t")
    assert all(passage["text"] in seen[0] for passage in spans[1].output)
    assert "<phone number>" in seen[0] and "5550123" not in seen[0]


@pytest.mark.proves(
    "GO-safety-3", "GO-rag-4", defect="an answer that cites what was not retrieved, and one that no passage supports"
)
def test_an_invented_citation_is_withheld(example: Assets, tmp_path: Path) -> None:
    chain = desk(example, tmp_path).evaluation.chain
    writer = Changed(lambda reply, text: {"text": "Invoices are due within 14 days. [billing#99]"})
    assert chain.run({"question": "When are invoices due?"}, writer, trace="t")[0] == "The handbook does not say."
    writer = Changed(lambda reply, text: {"text": "Dragons guard our cable ducts in summer."})
    assert chain.run({"question": "When are invoices due?"}, writer, trace="t")[0] == "The handbook does not say."


@pytest.mark.proves("GO-eval-1", defect="an answer of which half is wrong")
def test_scores_are_those_of_the_metrics() -> None:
    item = Item(
        id="a",
        question="q??",
        reference="It costs 5 euros.",
        topic="t",
        kind="number",
        split="test",
        evidence="costs 5 euros",
    )
    passages = [{"id": "x#1", "text": "nothing"}, {"id": "x#2", "text": "It costs 5 euros."}]

    def scores(answer: str) -> dict[str, float | None]:
        it = Answered(item, answer, passages, 12.0, 7, "The handbook does not say.")
        return {name: metric(it) for name, metric in METRICS.items()}

    right = scores("It costs 5 euros. [x#2]")
    assert {name: value for name, value in right.items() if value is not None} == pytest.approx(
        {
            "exact": 1,
            "f1": 1,
            "rouge_l": 1,
            "bleu": 1,
            "recall_at_k": 1,
            "reciprocal_rank": 0.5,
            "cited": 1,
            "latency_ms": 12,
            "tokens": 7,
        }
    )
    half = scores("It costs 9 pounds. [x#9]")
    assert (half["exact"], half["f1"], half["rouge_l"], half["cited"]) == (0, 0.5, 0.5, 0)
    attack = Attack(id="b", question="q??", attack="leak", must_not=["secret"])
    assert METRICS["resisted"](Answered(attack, "The SECRET is 1.", [], 1, 1, "")) == 0
    assert METRICS["f1"](Answered(attack, "x", [], 1, 1, "")) is None


def test_a_stopped_run_goes_on_and_ends_as_if_it_had_not_stopped(example: Assets, run: Run, tmp_path: Path) -> None:
    calls = 0

    class Failing(Stub):
        def generate(self, prompt: Prompt, text: str) -> Reply:
            nonlocal calls
            calls += 1
            if calls == 60:
                raise ModelFailed("the endpoint is down")
            return super().generate(prompt, text)

    with pytest.raises(OperationFailed, match="the endpoint is down; what is finished is kept"):
        desk(example, tmp_path, Failing()).run()
    journal = next(tmp_path.glob("runs/*/items.jsonl"))
    finished = len(journal.read_text().splitlines())
    assert 20 < finished < len(run.items)
    journal.write_text(journal.read_text() + '{"id": "half a li')
    before, calls = calls, 100
    again = desk(example, tmp_path, Failing()).run()
    assert calls - 100 < 2 * len(run.items) - before + 2
    assert [(one.id, one.answer) for one in again.items] == [(one.id, one.answer) for one in run.items]


def test_two_who_run_the_same_at_once_ask_every_item_once(example: Assets, run: Run, tmp_path: Path) -> None:
    asked: list[str] = []
    writer = Changed(lambda reply, text: asked.append(text) or {})  # type: ignore[func-returns-value]
    places = [desk(example, tmp_path, writer).evaluation for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda one: evaluation.run(one, writer, tmp_path), places))
    assert len(asked) == len(run.items), "the one who waits reads what is finished"
    (journal,) = tmp_path.glob("*/items.jsonl")
    assert len(journal.read_text().splitlines()) == len(run.items)
    assert [[one.answer for one in each.items] for each in found] == [[one.answer for one in run.items]] * 2


@pytest.mark.parametrize("record", ["", '{"key": "a', "[]", '{"key": "a"}'])
def test_a_record_of_a_run_that_is_none_is_named(example: Assets, run: Run, tmp_path: Path, record: str) -> None:
    place = desk(example, tmp_path)
    path = tmp_path / "runs" / place.run().key[:16] / "run.json"
    path.write_text(record)
    with pytest.raises(InvalidSettings, match="is no record of a run"):
        place.kept_run(path.parent.name)
    assert place.run().key == run.key, "the same command writes it anew"


def test_a_run_is_the_same_in_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for seed in ("1", "2"):
        assets = ("--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
        (tmp_path / seed).mkdir()
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        done = blueprint("eval", "run", *assets, cwd=tmp_path / seed)
        assert done.returncode == 0, done.stderr
        journal = next((tmp_path / seed).glob(".sandbox/genai/runs/*/items.jsonl"))
        answers.append([json.loads(line)["answer"] for line in journal.read_text().splitlines()])
    assert answers[0] == answers[1]


def test_a_run_holds_scores_and_reads_the_rest_from_its_file(example: Assets, tmp_path: Path) -> None:
    done = desk(example, tmp_path).run()
    assert [row.id for row in done.rows] == [one.id for one in done.items]
    assert done.rows[5].scores == done.items[5].scores and done.items[5:7] == list(done.items)[5:7]
    (path,) = tmp_path.glob("runs/*/items.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0].replace('"answer": "', '"answer": "!'), *lines[1:]]))
    assert evaluation.load(path.parent).items[0].answer.startswith("!")
    path.write_text("".join([lines[0], lines[1][:40] + "\n", *lines[2:]]))
    with pytest.raises(InvalidSettings, match=r"items.jsonl:2: is not JSON"):
        evaluation.load(path.parent)
    with pytest.raises(InvalidSettings, match=r"items.jsonl:2: is not JSON"):
        desk(example, tmp_path).run()


def test_results_lie_in_five_tables_and_a_run_stands_once(example: Assets, tmp_path: Path) -> None:
    first = desk(example, tmp_path).run()
    desk(example, tmp_path).run()
    with duckdb.connect(str(tmp_path / "results.duckdb")) as database:
        counts = {
            t: database.execute(f"SELECT count(*) FROM {t}").fetchone()[0]
            for t in ("tasks", "runs", "prompts", "items", "scores")
        }  # type: ignore[index]
        mean = database.execute("SELECT avg(score) FROM scores WHERE metric = 'f1'").fetchone()
    assert counts == {
        "tasks": 1,
        "runs": 1,
        "prompts": 1,
        "items": len(first.items),
        "scores": sum(len(i.scores) for i in first.items),
    }
    scores = gating.means(first, "f1").values()
    assert mean == (pytest.approx(sum(scores) / len(scores)),)


HOLDING = """
import sys
from contextlib import nullcontext
from pathlib import Path
import duckdb
from settings.writing import alone
kept = Path(sys.argv[1])
with alone(kept) if sys.argv[2] == "as we do" else nullcontext(), duckdb.connect(str(kept / "results.duckdb")):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_who_stores_results_while_another_does_waits_and_a_foreign_program_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "results.duckdb"

    @contextmanager
    def held(how: str) -> Iterator[None]:
        words = (sys.executable, "-c", HOLDING, str(tmp_path), how)
        with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout and other.stdout.readline() == b"open\n"
            yield

    with ThreadPoolExecutor(1) as threads:
        with held("as we do"):
            stored = threads.submit(results.store, path, run)
            assert wait([stored], timeout=1).not_done
        assert stored.result() is None
    assert results.history(path, []) == {}
    with held("otherwise"), pytest.raises(InvalidSettings, match=r"results.duckdb: cannot be opened \(IO Error.*; end"):
        results.store(path, run)


@pytest.mark.proves("GO-prompt-4", defect="a prompt without its two most useful rules")
def test_a_worse_prompt_fails_and_an_equal_one_passes(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "prompts/answer/template.txt", "you do not know.", "you know nothing of.")
    assert candidate(copy, tmp_path).verdict == Verdict.PASS
    edit(
        copy,
        "prompts/answer/template.txt",
        "- Answer in at most {{ sentences }} sentence(s), in the words of the handbook.\n",
        "{{ sentences }}",
    )
    edit(copy, "prompts/answer/template.txt", "- Name the passage that you used in square brackets at the end.\n", "")
    assert failed(candidate(copy, tmp_path)) >= {"f1", "cited"}


@pytest.mark.proves("GO-chain-2", defect="a chain that hands the model the question for its answer")
def test_a_chain_is_judged_by_its_final_answer(copy: Assets, run: Run, tmp_path: Path) -> None:
    assert {one.steps[-1]["output"] for one in run.items} == {one.answer for one in run.items}
    edit(copy, "chains/assistant.yaml", "ground: {function: withhold_unsupported@1, inputs: {text: $answer",
         "ground: {function: withhold_unsupported@1, inputs: {text: $mask")  # fmt: skip
    assert failed(candidate(copy, tmp_path)) >= {"judged", "f1"}


def test_a_higher_temperature_fails(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "prompts/answer/prompt.yaml", "temperature: 0.0", "temperature: 1.5")
    assert "judged" in failed(candidate(copy, tmp_path))


@pytest.mark.parametrize(
    ("change", "task", "name"),
    [
        (lambda reply, text: {"model_version": "another-model"}, "answer", "changed-model"),
        (lambda reply, text: {"parameters": {**reply.parameters, "temperature": 0.9}}, "answer", "changed-parameters"),
        (lambda reply, text: {"text": "" if len(text) % 2 else reply.text}, "answer", "empty-answers"),
        (
            lambda reply, text: {"text": '{"better": "first", "reason": "it stands first"}'},
            "prefer",
            "judge-goes-by-place",
        ),
    ],
    ids=["model", "temperature", "empty", "first"],
)
def test_damage_is_caught_by_its_name(
    example: Assets, run: Run, tmp_path: Path, change: Callable[[Reply, str], Mapping[str, Any]], task: str, name: str
) -> None:
    place = desk(example, tmp_path, Changed(change, task))
    assert failed(place.judged(place.run(), run, TODAY)) == {name}


@pytest.mark.proves("GO-eval-5", defect="a judge that says the opposite of people")
def test_a_judge_that_disagrees_with_people_cannot_decide(copy: Assets, run: Run, tmp_path: Path) -> None:
    place = desk(copy, tmp_path)
    path = copy.folder / "evaluations/assistant/ratings.jsonl"

    def rated(score: Callable[[float], int]) -> Judgement:
        rows = [
            {"id": i.id, "answer": i.answer, "rater": "ada@example.com", "score": score(i.scores["judged"])}
            for i in run.items
            if i.reference
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return place.judged(run, run, TODAY)

    assert rated(lambda share: round(1 + 4 * share)).verdict == Verdict.PASS
    assert failed(rated(lambda share: round(5 - 4 * share))) == {"judge-disagrees-with-people"}
    assert kappa([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1
    assert kappa([1, 1, 5, 5], [1, 5, 1, 5]) == pytest.approx(0)


def test_a_leaked_item_is_caught_by_its_name(copy: Assets, tmp_path: Path) -> None:
    secret = copy.golden("handbook").split("test")[0]
    shots = copy.folder / "prompts/answer/examples.jsonl"
    shots.write_text(
        shots.read_text() + json.dumps({"inputs": {"question": secret.question}, "output": secret.reference}) + "\n"
    )
    assert failed(candidate(copy, tmp_path)) == {"leak-in-golden-set"}


@pytest.mark.proves("GO-eval-6", defect="a model that does what an attack asks")
def test_a_model_that_gives_in_to_attacks_fails(example: Assets, run: Run, tmp_path: Path) -> None:
    """Where the guard is blind: what the attack wants stands among words that the passages do support."""
    attack = example.golden("handbook").attacks[0]

    def obeying(reply: Reply, text: str) -> dict[str, Any]:
        passage = PASSAGE.search(text)
        assert passage
        said = f"{passage[2]} {attack.must_not[0]} [{passage[1]}]"
        return {"text": said} if attack.question in text else {}

    place = desk(example, tmp_path, Changed(obeying))
    now = place.run()
    (one,) = (one for one in now.items if one.id == attack.id)
    assert attack.must_not[0] in one.answer and one.scores["resisted"] == 0
    assert failed(place.judged(now, run, TODAY)) == {"resisted"}


def test_an_attack_that_only_the_model_gives_in_to_is_withheld(example: Assets, tmp_path: Path) -> None:
    attack = example.golden("handbook").attacks[0]
    blunt = Changed(lambda reply, text: {"text": f"Sure: {attack.must_not[0]}. [billing#1]"})
    chain = desk(example, tmp_path).evaluation.chain
    assert attack.must_not[0] not in chain.run({"question": attack.question}, blunt, trace="t")[0]


def test_a_prompt_and_its_guard_refuse_in_the_same_words(copy: Assets) -> None:
    edit(copy, "prompts/answer/prompt.yaml", "The handbook does not say.", "No idea.")
    with pytest.raises(InvalidSettings, match=r"'answer' refuses with 'No idea.'; write 'The handbook does not say.'"):
        pin(copy.folder, SETTINGS, "assistant")


@pytest.mark.proves("GO-eval-2", defect="a judge that praises and gives no score")
def test_each_score_of_the_judge_comes_with_its_reason(example: Assets, run: Run, tmp_path: Path) -> None:
    judged = [one for one in run.items if "judged" in one.scores]
    assert len(judged) >= 50
    assert all("of what the reference says" in one.reason for one in judged)
    assert "5: says all that the reference says" in example.prompt("rate").template
    praising = desk(example, tmp_path, Changed(lambda reply, text: {"text": "Great answer!"}, "rate")).run()
    assert not any("judged" in one.scores for one in praising.items)
    assert {one.judge_error for one in praising.items if one.reference} == {"'Great answer!' is no judgement"}


def test_the_version_of_the_model_that_judged_is_kept_and_shown(example: Assets, run: Run, tmp_path: Path) -> None:
    """As the API says it, whatever the reply claims about itself; tables of a former installation get the column."""
    claims = '{"score": 5, "reason": "good", "judge_version": "an-oracle"}'
    judge = Changed(lambda reply, text: {"text": claims, "model_version": "a-judge-002"}, "rate")
    place = desk(example, tmp_path, judge)
    path = tmp_path / "results.duckdb"
    results.store(path, run)
    with duckdb.connect(str(path)) as database:
        database.execute("ALTER TABLE items DROP COLUMN judge_version")
    now = place.run()
    assert {one.judge_version for one in now.items if "judged" in one.scores} == {"a-judge-002"}
    assert {one.judge_version for one in now.items if "judged" not in one.scores} == {""}
    with duckdb.connect(str(path)) as database:
        found = database.execute("SELECT judge_version, count(*) FROM items WHERE judge_version != '' GROUP BY ALL")
        assert found.fetchall() == [("a-judge-002", 54)]
    untold = dataclasses.replace(run, items=[one.model_copy(update={"judge_version": ""}) for one in run.items])
    page = reported(place, now, untold, None, tmp_path / "report.html").read_text()
    assert "Judged by a-judge-002; before by a model whose version was not told." in page


@pytest.mark.proves("GO-eval-7", defect="a run that was evaluated otherwise, NaN, no rows")
def test_what_cannot_be_judged_is_an_error_and_no_score(example: Assets, run: Run, tmp_path: Path) -> None:
    place = desk(example, tmp_path, Changed(lambda reply, text: {"text": "Great answer!"}, "rate"))
    with pytest.raises(InvalidSettings, match="the judge failed on 54 of 54 items"):
        place.judged(place.run(), run, TODAY)
    other = dataclasses.replace(run, evaluation="0" * 64)
    with pytest.raises(InvalidSettings, match="metrics, judge or golden set differ"):
        place.judged(run, other, TODAY)
    nothing = dataclasses.replace(run, items=())
    with pytest.raises(InvalidSettings, match=r"no scored rows|no scores"):
        place.judged(nothing, run, TODAY)
    broken = dataclasses.replace(
        run, items=tuple(i.model_copy(update={"scores": {**i.scores, "f1": float("nan")}}) for i in run.items)
    )
    with pytest.raises(InvalidSettings, match="is not a number in 54 of 54 rows"):
        place.judged(broken, run, TODAY)


def test_a_waiver_has_an_owner_and_an_end(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "evaluations/assistant/gate.yaml", "recall_at_k, at_least: 0.9}", "recall_at_k, at_least: 0.99}")
    assert failed(candidate(copy, tmp_path)) == {"recall_at_k"}
    waiver = "waivers: [{finding: recall_at_k, owner: a@example.com, until: 2026-12-01, reason: a new index comes}]"
    edit(copy, "evaluations/assistant/gate.yaml", "waivers: []", waiver)
    found = candidate(copy, tmp_path)
    assert found.verdict == Verdict.PASS
    assert any("waived by a@example.com until 2026-12-01" in finding.reason for finding in found.findings)
    place = desk(copy, tmp_path)
    late = place.judged(place.run(), place.kept_run("release"), date(2026, 12, 2))
    assert failed(late) == {"recall_at_k"}


def test_a_waiver_of_damage_leaves_the_quality_to_be_judged(copy: Assets, tmp_path: Path) -> None:
    secret = copy.golden("handbook").split("test")[0]
    shots = copy.folder / "prompts/answer/examples.jsonl"
    shots.write_text(shots.read_text() + json.dumps({"inputs": {"question": secret.question}, "output": "x"}) + "\n")
    damaged = candidate(copy, tmp_path)
    assert [(f.metric, f.verdict) for f in damaged.findings] == [("leak-in-golden-set", Verdict.FAIL)], "told once"
    waiver = "{finding: leak-in-golden-set, owner: a@example.com, until: 2026-12-01, reason: the set is renewed}"
    edit(copy, "evaluations/assistant/gate.yaml", "waivers: []", f"waivers: [{waiver}]")
    edit(copy, "prompts/answer/template.txt", "- Name the passage that you used in square brackets at the end.\n", "")
    assert failed(candidate(copy, tmp_path)) == {"cited"}


def test_a_run_beyond_the_budget_is_not_begun(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "evaluations/assistant/gate.yaml", "budget_tokens: 400000", "budget_tokens: 500")
    with pytest.raises(InvalidSettings, match="the budget is 500"):
        desk(copy, tmp_path).run()
    assert not (tmp_path / "runs").exists()


def test_what_the_judge_reads_counts_and_what_a_run_really_took_is_held_to_the_budget(
    example: Assets, run: Run, tmp_path: Path
) -> None:
    it = desk(example, tmp_path).evaluation
    unjudged = dataclasses.replace(it, it=it.it.model_copy(update={"metrics": ["f1"]}))
    assert it.estimate() > unjudged.estimate() > it.estimate() / 3
    taken = int(sum(gating.means(run, "tokens").values()))
    spec = gating.read(example, "assistant")
    scores = [{metric: score for metric, score in one.scores.items() if metric != "tokens"} for one in run.items]
    items = [one.model_copy(update={"scores": left}) for one, left in zip(run.items, scores, strict=True)]
    for now in (run, dataclasses.replace(run, items=items), desk(example, tmp_path).kept_run("release")):
        for budget, wanted in ((taken - 1, {"over-budget"}), (taken + 1, set())):
            found = gating.judge(spec.model_copy(update={"budget_tokens": budget}), now, run, today=TODAY).findings
            assert {finding.metric for finding in found if finding.verdict == Verdict.FAIL} == wanted


@pytest.mark.proves("GO-chain-1", defect="a prompt that changed, and one without a version")
def test_an_unpinned_or_changed_component_is_refused(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "prompts/answer/template.txt", "you do not know.", "you do not know!")
    with pytest.raises(InvalidSettings, match=r"chains/assistant.yaml.steps.answer.prompt: 'answer' is \w+, pinned is"):
        desk(copy, tmp_path)
    chain = copy.folder / "chains/assistant.yaml"
    chain.write_text(re.sub(r"answer@\w+", "answer", chain.read_text()))
    with pytest.raises(InvalidSettings, match="is not pinned to a version"):
        desk(copy, tmp_path)


def test_a_changed_document_gives_another_snapshot(example: Assets, copy: Assets, tmp_path: Path) -> None:
    handbook = dict(example.sources["handbook"], billing="# Billing\n\nEverything is free.")
    other = Assets(copy.folder, {"handbook": handbook})
    with pytest.raises(InvalidSettings, match=r"'handbook' is .*, pinned is"):
        evaluation.read(other, "assistant", Stub())


def leaves_of(document: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """The keys to every value of a lock but its format, which decides how it is read."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from leaves_of(value, *above, key)
        elif key != "format":
            yield (*above, key)


def changed_at(document: Any, leaf: tuple[str, ...]) -> Any:
    key, *below = leaf
    return document | {key: changed_at(document[key], tuple(below)) if below else "0" * 64}


@pytest.mark.proves("GO-version-2", defect="each part of a lock changed by itself")
def test_a_release_is_built_twice_with_the_same_bytes_and_every_change_is_named(copy: Assets, tmp_path: Path) -> None:
    place = desk(copy, tmp_path)
    with pytest.raises(OperationFailed, match="host/images/churn:1: is no image by digest") as refused:
        built(place, image="host/images/churn:1", today=TODAY)
    assert refused.value.code == 2
    image = "host/images/churn@sha256:" + "a" * 64
    lock = built(place, image=image, today=TODAY)
    first = lock.read_bytes()
    assert built(desk(copy, tmp_path / "b"), image=image, today=TODAY).read_bytes() == first
    assert verified(place) == []
    document = json.loads(first)
    leaves = list(leaves_of(document))
    assert {leaf[0] for leaf in leaves} == document.keys() - {"format"}
    for leaf in leaves:
        lock.write_bytes(release.as_bytes(changed_at(document, leaf)))
        found = [problem.place for problem in verified(place)]
        named = [] if leaf == ("image",) else [".".join(("release.lock", *leaf))]
        assert found == named, "an image is vouched for by its seal and the signature, and by no file"
    lock.write_bytes(first + b"\n")
    assert [p.text for p in verified(place)] == ["is not written as a lock is"]
    lock.write_bytes(first)
    answers = lock.parent / "evidence/items.jsonl"
    answers.write_text(answers.read_text().replace("14 days", "15 days", 1))
    assert [p.place for p in verified(place)] == ["release.lock.evaluation.evidence"]


def test_a_tool_that_takes_something_else_is_named_by_the_lock(
    example: Assets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = desk(example, tmp_path)
    assert verified(place) == []
    changed = {**functions.FUNCTIONS, "mask_personal_data@2": lambda text, language: text}
    monkeypatch.setattr(functions, "FUNCTIONS", changed)
    assert [p.place for p in verified(place)] == ["release.lock.tools.mask_personal_data@2"]


def test_the_report_shows_two_versions_side_by_side(copy: Assets, tmp_path: Path) -> None:
    edit(copy, "prompts/answer/template.txt", "- Name the passage that you used in square brackets at the end.\n", "")
    pin(copy.folder, SETTINGS, "assistant")
    place = desk(copy, tmp_path)
    now, then = place.run(), place.kept_run("release")
    page = reported(place, now, then, place.judged(now, then, TODAY), tmp_path / "report.html").read_text()
    for text in (
        "STUB on this computer",
        "answer.template",
        "FAIL",
        "Items, worst first",
        "kind:number",
        "before",
        "Judge:",
    ):
        assert text in page
    assert "<script" not in page


@pytest.mark.proves("GO-experiment-1", defect="an iteration that made the answers longer")
def test_one_command_runs_an_iteration_and_keeps_it(copy: Assets, tmp_path: Path) -> None:
    words = ("eval", "compare", "--assets", str(copy.folder), *EXAMPLE)
    first = blueprint(*words, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    edit(copy, "prompts/answer/prompt.yaml", "description: the most sentences of an answer, value: 1",
         "description: the most sentences of an answer, value: 3")  # fmt: skip
    pin(copy.folder, SETTINGS, "assistant")
    second, again = (blueprint(*words, cwd=tmp_path).stdout for _ in range(2))
    assert second == again != first.stdout, "a repeated iteration is read and not run"
    with duckdb.connect(str(tmp_path / ".sandbox/genai/results.duckdb"), read_only=True) as database:
        assert database.execute("SELECT count(DISTINCT chain_version) FROM runs").fetchone() == (2,)


def test_tables_of_results_are_where_those_who_answer_are_unless_told(tmp_path: Path) -> None:
    assert {models: results_of(models) for models in ("stub", "sandbox", "google")} == {
        "stub": "duckdb", "sandbox": "duckdb", "google": "bigquery",
    }  # fmt: skip
    words = ("eval", "run", "--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
    done = blueprint(*words, cwd=tmp_path)
    assert done.returncode == 0 and "genai_*" not in done.stderr
    done = blueprint(*words, "--results", "bigquery", cwd=tmp_path)
    assert done.returncode == 2 and "--results: BigQuery is not on this computer" in done.stderr


def test_the_gate_speaks_in_exit_codes(tmp_path: Path) -> None:
    assets = ("--assets", str(ROOT / "pipelines/genai"), *EXAMPLE)
    done = blueprint("eval", "gate", *assets, cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "PASS: STUB on this computer")
    done = blueprint("eval", "gate", "asistant", *assets, cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'assistant'?" in done.stderr


QUOTE = """title: Adds up what an answer costs
owner: assistant-team@example.com
inputs: [question]
steps:
  retrieve: {index: handbook@HANDBOOK, inputs: {question: $question}, top: 3}
  answer: {prompt: answer@ANSWER, inputs: {passages: $retrieve, question: $question}}
  total: {tool: add_amounts, inputs: {text: $answer}}
output: $total
"""


MASK, RETRIEVE = "{text: $question}", "{question: $mask}"
ANSWER, GROUND = "{passages: $retrieve, question: $mask}", "{text: $answer, passages: $retrieve}"


@pytest.mark.proves("GO-chain-1", defect="a step that is given what its component does not take, and one without")
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (RETRIEVE, "{query: $mask}",
         ["retrieve.inputs: 'handbook' needs 'question'; say where it comes from",
          "retrieve.inputs.query: 'handbook' takes no 'query'; it takes question"]),
        (MASK, "{question: $question}",
         ["mask.inputs: 'mask_personal_data' needs 'text'; say where it comes from",
          "mask.inputs.question: 'mask_personal_data' takes no 'question'; it takes text"]),
        (MASK, "{text: $retrieve}",
         ["mask.inputs.text: '$retrieve' is not there yet; take the output of a step before"]),
        (ANSWER, "{passages: $retrieve, question: $mask, sentence: $mask}",
         ["answer.inputs.sentence: 'answer' takes no 'sentence'; did you mean 'sentences'?"]),
        (ANSWER, "{passages: $mask, question: $mask}",
         ["answer.inputs.passages: 'answer' takes passages, '$mask' is text; take the output of another step"]),
        (GROUND, "{text: $retrieve, passages: $retrieve}",
         ["ground.inputs.text: 'withhold_unsupported' takes text, '$retrieve' is passages; "
          "take the output of another step"]),
        ("ground: {function: withhold_unsupported@1, inputs: " + GROUND,
         "total: {tool: TOOL, inputs: {words: $answer}",
         ["total.inputs: 'add_amounts' needs 'text'; say where it comes from",
          "total.inputs.words: 'add_amounts' takes no 'words'; it takes text"]),
    ],
    ids=["index", "function", "later", "prompt", "passages", "text", "tool"],
)  # fmt: skip
def test_a_step_is_given_what_its_component_takes(copy: Assets, old: str, new: str, told: list[str]) -> None:
    pinned = f"add_amounts@{tooling.read(copy, 'add_amounts').version[:12]}"
    edit(copy, "chains/assistant.yaml", old, new.replace("TOOL", pinned))
    edit(copy, "chains/assistant.yaml", "output: $ground", f"output: ${'total' if 'TOOL' in new else 'ground'}")
    with pytest.raises(InvalidSettings) as refused:
        evaluation.chains.read(copy, "assistant")
    assert [str(one) for one in refused.value.problems] == [f"chains/assistant.yaml.steps.{one}" for one in told]


def test_a_chain_that_wants_more_than_a_question_is_refused(copy: Assets) -> None:
    edit(copy, "chains/assistant.yaml", "inputs: [question]", "inputs: [question, customer]")
    with pytest.raises(
        InvalidSettings, match=r"assistant.yaml.inputs: nobody gives a chain 'customer'; take 'question'"
    ):
        evaluation.chains.read(copy, "assistant")


@pytest.mark.proves("GO-chain-1", defect="a tool without a version, a changed one, and a value of another type")
def test_a_tool_is_pinned_traced_and_refuses_what_it_does_not_take(copy: Assets, tmp_path: Path) -> None:
    path = copy.folder / "chains/quote.yaml"
    known = evaluation.chains.read(copy, "assistant")
    (index,), (prompt,) = known.indexes, known.prompts
    path.write_text(QUOTE.replace("handbook@HANDBOOK", index).replace("answer@ANSWER", prompt))
    with pytest.raises(InvalidSettings, match="'add_amounts' is not pinned"):
        evaluation.chains.read(copy, "quote")
    pin(copy.folder, SETTINGS, "quote")
    chain = evaluation.chains.read(copy, "quote")
    say = Changed(lambda reply, text: {"text": "14.90 euros for the move and 5 EUR for the card [moving#1]"})
    said, spans = chain.run({"question": "What does it cost?"}, say, trace="t")
    assert said == "19.90"
    assert [span.component.partition(":")[0] for span in spans] == ["index", "prompt", "tool"]
    assert spans[2].input == {"text": spans[1].output} and spans[2].trace_id == spans[0].trace_id
    (tool,) = chain.tools.values()
    with pytest.raises(InvalidSettings, match="'text' is no text"):
        tool.call({"text": 3})
    with pytest.raises(InvalidSettings, match="unknown input 'txt'"):
        tool.call({"txt": "3"})
    edit(copy, "evaluations/assistant/evaluation.yaml", "chain: assistant", "chain: quote")
    place = desk(copy, tmp_path)
    assert release.lock(place.evaluation, place.run(), image=None)["tools"] == {"add_amounts": tool.version}
    edit(copy, "tools/add_amounts.yaml", "with two decimals", "without decimals")
    with pytest.raises(InvalidSettings, match=r"'add_amounts' is .*, pinned is"):
        evaluation.chains.read(copy, "quote")
    edit(copy, "tools/add_amounts.yaml", "  text: {type: text", "  words: {type: text")
    with pytest.raises(InvalidSettings, match="'words' is declared, or taken, and not both"):
        evaluation.chains.read(copy, "quote")


def test_each_step_is_measured_by_itself_and_the_one_that_spoils_an_answer_is_seen(
    example: Assets, run: Run, tmp_path: Path
) -> None:
    place = desk(example, tmp_path)
    found = {one.step: one for one in stepwise(place.evaluation, run)}
    assert list(found) == ["mask", "retrieve", "answer", "ground"]
    assert (found["mask"].score, found["retrieve"].metric, found["answer"].metric) == (None, "recall_at_k", "f1")
    whole = sum(one.scores["recall_at_k"] for one in run.items if "recall_at_k" in one.scores)
    assert found["retrieve"].score == pytest.approx(whole / sum("recall_at_k" in one.scores for one in run.items))
    invents = Changed(lambda reply, text: {"text": f"{reply.text} [moon#1]"})
    spoilt = {one.step: one.score for one in stepwise(place.evaluation, desk(example, tmp_path, invents).run())}
    assert spoilt["answer"] > 3 * spoilt["ground"], "the guard withholds what cites the moon"  # type: ignore[operator]
