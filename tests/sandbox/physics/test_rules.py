"""Every rule has a case file: changes it accepts and changes it refuses, in a small world of its own."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import facts, physics
from sandbox.physics.change import Broken, Change
from sandbox.store import Store
from tests.program import ROOT, blueprint

CASES = Path(__file__).parent / "cases"
RULES = {rule.name: rule for rule in physics.all_rules()}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        yield store


def load(rule: str) -> dict[str, Any]:
    return yaml.safe_load((CASES / f"{rule}.yaml").read_text())


def made(store: Store, world: dict[str, dict[str, Any]]) -> None:
    """Put what exists into the store; projects get their numbers, handed out agents are known."""
    for key, values in world.items():
        type_, _, id_ = key.partition(" ")
        if type_ == "agent":
            store.number("agent", id_)
        elif type_ == "object":
            bucket, _, name = id_.partition("/")
            store.objects.put(bucket, name, b"x")
        elif type_ == "document":
            kind, _, name = id_.partition(" ")
            store.documents.put(kind, name, values)
        else:
            store.put(type_, id_, {"id": id_, **(values or {})})


def filled(store: Store, value: Any) -> Any:
    """Values in which {number:x} stands for the number of project x."""
    if isinstance(value, dict):
        return {filled(store, key): filled(store, item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(store, item) for item in value]
    if not isinstance(value, str) or "{number:" not in value:
        return value
    before, _, rest = value.partition("{number:")
    project, _, after = rest.partition("}")
    return f"{before}{store.number('project', project)}{after}"


def asked(store: Store, case: dict[str, Any]) -> Change:
    case = filled(store, case)
    of = {name: case[name] for name in ("prior", "consumer", "caller", "origin") if name in case}
    return Change(case["type"], case.get("action", "create"), case["values"], **of)


def verdict(rule: physics.Rule, store: Store, change: Change, world: physics.World | None = None) -> Broken | None:
    """What one rule says, asked the way all are asked."""
    if not rule.concerns(change.type, change.action):
        return None
    try:
        rule.check(change, world or physics.World(store))
    except Broken as broken:
        return broken.about(change, rule.name)
    return None


def test_every_rule_has_a_case_of_both_kinds():
    files = {path.stem for path in CASES.glob("*.yaml")}
    assert files == set(RULES)
    assert all(load(name)["accepts"] and load(name)["refuses"] for name in RULES)


def test_the_command_lists_every_rule_with_its_sentence_and_its_file(tmp_path):
    lines = blueprint("sandbox", "rules", cwd=tmp_path).stdout.splitlines()
    told = {
        line.split(maxsplit=1)[0]: (line.split(maxsplit=1)[1], file.strip())
        for line, file in zip(lines[::2], lines[1::2], strict=True)
    }
    assert set(told) == set(RULES)
    assert all((ROOT / file).is_file() and sentence.endswith(".") for sentence, file in told.values()), told


@pytest.mark.parametrize(("name", "kind"), [("org_flags", "flags"), ("org_values", "values")])
def test_every_constraint_refuses_each_type_that_it_is_about(name, kind):
    refused = [(case["type"], case["says"]) for case in load(name)["refuses"]]
    wanted = [(type_, it) for it, entry in facts.table("constraints")[kind].items() for type_ in entry]
    assert [pair for pair in wanted if not any(pair[0] == type_ and says in pair[1] for type_, says in refused)] == []


def test_each_policy_of_the_installation_is_judged_or_said_not_to_be():
    table = facts.table("constraints")
    modules = [import_module(f"sandbox.physics.rules.{name}") for name in RULES]
    judged = {getattr(module, "CONSTRAINT", "") for module in modules} | table["flags"].keys() | table["values"].keys()
    assert judged & table["unjudged"].keys() == set()
    policies = yaml.safe_load((ROOT / "settings" / "org_policies.yaml").read_text())
    assert policies.keys() - judged - table["unjudged"].keys() == set()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_accepts_what_google_accepts(name, store):
    content = load(name)
    made(store, filled(store, content.get("world", {})))
    for case in content["accepts"]:
        world = physics.World(store)
        assert verdict(RULES[name], store, asked(store, case), world) is None, case
        assert case.get("logged", "") in "".join(world.logged)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_refuses_with_code_reason_and_its_own_name(name, store):
    content = load(name)
    made(store, filled(store, content.get("world", {})))
    for case in content["refuses"]:
        broken = verdict(RULES[name], store, asked(store, case))
        assert broken is not None, case
        assert (broken.code, broken.reason) == (case["code"], case["reason"]), case
        assert case["says"] in broken.summary
        assert broken.status and f"sandbox/physics/rules/{name}.py" in broken.detail


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_in_one_sentence_what_google_does(name):
    sentence = RULES[name].sentence
    assert sentence.endswith(".") and len(sentence) > 30
    assert (Path(physics.rules.__path__[0]) / f"{name}.py").exists()
