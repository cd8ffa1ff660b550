"""Whatever is typed into a form: either the variable's own sentence refuses it, or the plan keeps every rule.

Terraform judges many orders in one run, each as a module of its own.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog_templates.template import PRECONDITIONS, Template, find, keys
from catalog_templates.variables import Variable
from operations.catalog_rules import broken
from operations.catalog_workshop import Workshop, empty_cloud, events, judge
from sandbox.session import Cloud
from settings.problems import Problem
from tests.catalog_templates.spoiling import SCHEMA
from tests.program import ROOT

ORDERS = 25
NASTY = ["", " ", "A", "../x", "a b", "${path.module}", "%{ if true }x", "\n", "ä", "-a", "a-", "x" * 300, "0", "null"]
UNKNOWN_MODEL = "The environment does not allow this model; allowed_models in settings/environments says which it does."
NETWORKS = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3"]
Inputs = dict[str, Any]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with empty_cloud(SCHEMA) as made:
        yield made


def values(variable: Variable, example: Any) -> st.SearchStrategy[Any]:
    """Values of the right type near everything that the variable could mean, and far from it."""
    hints, usual = variable.hints, st.just(example)
    if variable.type == "bool":
        return st.booleans()
    if variable.type == "number":
        edges = [edge + step for edge in (hints.minimum, hints.maximum) if edge is not None for step in (-1, 0, 1)]
        wild = st.one_of(st.integers(-5, 10**7), st.floats(-10, 10**4, allow_nan=False).map(lambda it: round(it, 2)))
        return st.one_of(usual, st.sampled_from([*edges, example]), wild)
    if variable.type == "list(string)":
        return st.one_of(usual, usual, st.lists(st.sampled_from([*example, *NASTY[:6], *NETWORKS]), max_size=4))
    if hints.options:
        return st.one_of(st.sampled_from(hints.options), st.sampled_from(hints.options), st.sampled_from(NASTY))
    return st.one_of(
        usual, usual, st.from_regex(r"\A[a-z][a-z0-9-]{2,11}\Z"), st.sampled_from(NASTY), st.text(max_size=20)
    )


def orders(template: Template) -> st.SearchStrategy[list[Inputs]]:
    example = json.loads(template.examples[0].read_text())
    each = {
        name: values(it, example.get(name, None if it.required else it.default))
        for name, it in template.variables.items()
        if it.type != "map(string)"
    }
    # Most orders differ from a good one in one or two places, so that many are accepted.
    changed = st.dictionaries(st.sampled_from(sorted(each)), st.none(), min_size=1, max_size=2)
    one = changed.flatmap(lambda names: st.fixed_dictionaries({name: each[name] for name in names}))
    return st.lists(one.map(lambda some: {**example, **some}), min_size=ORDERS, max_size=ORDERS)


@pytest.mark.parametrize("key", keys())
def test_whatever_the_variables_accept_keeps_every_rule_and_what_they_reject_is_told_in_their_words(
    cloud: Cloud, key: str, tmp_path: Path
) -> None:
    """SC2: nothing that a person enters weakens what is ordered."""
    template = find(key)

    @settings(
        max_examples=2,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(orders(template))
    def try_out(wanted: list[Inputs]) -> None:
        shutil.rmtree(tmp_path, ignore_errors=True)
        place = Workshop(tmp_path, cloud)
        refused = rejected(place, template, wanted)
        for sentences in refused.values():
            own = {sentence for it in template.variables.values() for sentence in it.messages}
            assert sentences <= own
        accepted = [order for number, order in enumerate(wanted) if number not in refused]
        if any(template.folder.glob(PRECONDITIONS)):
            together = {json.dumps(order): judge(template, order) for order in accepted}
            accepted = [order for order in accepted if not together[json.dumps(order)]]
            assert {it.way_out for problems in together.values() for it in problems} <= {UNKNOWN_MODEL}
        seen.append((len(accepted), len(refused)))
        if accepted:
            assert broken({key: planned(place, template, accepted)}, ROOT / "settings") == []

    seen: list[tuple[int, int]] = []
    try_out()
    assert sum(accepted for accepted, _ in seen) >= 5, seen
    assert sum(refused for _, refused in seen) >= 5, seen


def test_what_inputs_must_fulfil_together_is_refused_as_each_of_them_is() -> None:
    """Before anything is ordered: a plan that fails would be told after the deployment was begun."""
    template = find("model_garden_endpoint")
    good = json.loads(template.examples[0].read_text())
    larger = good | {"model": "gemma3@gemma-3-12b-it"}
    assert judge(template, good) == []
    assert judge(template, larger) == [Problem("model", "is not accepted", UNKNOWN_MODEL)]
    assert judge(template, larger | {"allowed_models": ["publishers/google/models/gemma3"]}) == []
    assert {it.place for it in judge(template, larger | {"max_replicas": 9})} == {"max_replicas", "model"}
    del larger["purpose"]
    assert judge(template, larger) == [Problem("purpose", "is missing", "give it a value")]


@pytest.mark.proves("SC1", "SC5", defect="a lock that a large number of days opens")
def test_a_template_that_lets_a_lock_be_chosen_is_found(cloud: Cloud, tmp_path: Path) -> None:
    copy = tmp_path / "copy/bucket"
    shutil.copytree(find("bucket").folder, copy)
    text = (copy / "main.tf").read_text()
    (copy / "main.tf").write_text(text.replace('= "enforced"', '= var.keep_days > 400 ? "inherited" : "enforced"'))
    template = Template(copy, find("bucket").manifest)
    good = json.loads(find("bucket").examples[0].read_text())
    place = Workshop(tmp_path / "work", cloud)
    kept = broken({"bucket": planned(place, template, [good | {"keep_days": 365}])}, ROOT / "settings")
    opened = broken({"bucket": planned(place, template, [good | {"keep_days": 730}])}, ROOT / "settings")
    assert kept == []
    assert opened != []


def rejected(place: Workshop, template: Template, wanted: list[Inputs]) -> dict[int, set[str]]:
    """The orders that the variables refuse, with every sentence that they say."""
    write(place.folder, wanted)
    (place.folder / "template").mkdir()
    shutil.copy(template.folder / "variables.tf", place.folder / "template")
    place.terraform("init", "-input=false")
    lines = (place.folder / "main.tf.json").read_text().splitlines()
    done = place.cloud.terraform(["plan", "-json", "-input=false"], cwd=place.folder)
    found: dict[int, set[str]] = {}
    for event in events(done.stdout):
        if diagnostic := event.get("diagnostic"):
            above = lines[: diagnostic["range"]["start"]["line"]]
            number = int(re.findall(r'"order(\d+)"', "\n".join(above))[-1])
            sentence = re.sub(r"\s*This was checked by .*", "", diagnostic["detail"], flags=re.S)
            found.setdefault(number, set()).add(sentence)
    return found


def planned(place: Workshop, template: Template, accepted: list[Inputs]) -> dict[str, Any]:
    """The plan of orders together; a plan that fails is a failure."""
    shutil.rmtree(place.folder, ignore_errors=True)
    write(place.folder, accepted)
    shutil.copytree(template.folder, place.folder / "template")
    place.terraform("init", "-input=false")
    return flat(place.plan({}))


def flat(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan in which every order's resources stand at the top, named by the order."""
    root = plan["planned_values"]["root_module"]
    root["resources"] = [it for module in root.pop("child_modules", []) for it in module["resources"]]
    for one in [*root["resources"], *plan["resource_changes"]]:
        one["address"] = re.sub(r"^module\.(\w+)\.(\w+)\.", r"\2.\1_", one["address"])
    return plan


def write(folder: Path, wanted: list[Inputs]) -> None:
    folder.mkdir(parents=True)
    modules = {f"order{number}": {"source": "./template", **escaped(order)} for number, order in enumerate(wanted)}
    (folder / "main.tf.json").write_text(json.dumps({"module": modules}, indent=1))


def escaped(inputs: Mapping[str, Any]) -> Inputs:
    """Inputs as they are, although Terraform reads templates in strings of JSON."""
    text = json.dumps(inputs).replace("${", "$${").replace("%{", "%%{")
    return dict(json.loads(text))
