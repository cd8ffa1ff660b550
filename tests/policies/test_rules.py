"""Every rule ran, and told its two fixtures apart: as HCL, and as the plan that Terraform makes of them."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest

import policies
from policies.plans import read_plan
from policies.rule import Facts, NotUsable, Rule, rules
from policies.scanning import scan_folder, scan_plans
from policies.values import UNKNOWN
from tests.estate import Estate
from tests.mutation.operators import put
from tests.plans import resources_of
from tests.policies.fixtures import planned_fixtures

ALL = rules()


def rejected(rule: Rule) -> set[str]:
    """The resources of a fixture that is rejected; one needs a project that is sound."""
    named = re.findall(r'^resource "(\w+)" "(\w+)"', (rule.folder / "fail.tf").read_text(), re.M)
    return {f"{type_}.{name}" for type_, name in named} - {"google_project.inside"}


@pytest.fixture(scope="module")
def planned(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, object]]:
    providers = estate.documents["data"]["terraform"]["required_providers"]
    only_google = {"required_providers": {"google": providers["google"]}}
    return planned_fixtures(tmp_path_factory.mktemp("fixtures"), only_google)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_tells_its_fixtures_apart_as_hcl(rule: Rule, facts: Facts) -> None:
    good = scan_folder(rule.folder, facts, only=(rule.id,), file="pass.tf")
    bad = scan_folder(rule.folder, facts, only=(rule.id,), file="fail.tf")
    assert good.judged.get(rule.id)
    assert [found.address for found in good.findings] == []
    assert {found.rule for found in bad.findings} == {rule.id}
    assert {found.address for found in bad.findings} == rejected(rule), "each of its resources is found"


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_tells_its_fixtures_apart_as_plans(rule: Rule, facts: Facts, planned: dict) -> None:
    good = scan_plans({"fixture": planned[rule.id, "pass"]}, facts, only=(rule.id,))
    bad = scan_plans({"fixture": planned[rule.id, "fail"]}, facts, only=(rule.id,))
    assert good.judged.get(rule.id)
    assert [found.address for found in good.findings] == []
    assert {found.rule for found in bad.findings} == {rule.id}
    assert {found.address for found in bad.findings} == rejected(rule), "each of its resources is found"


NUMBERS = {
    "keys_rotate": "rotation_period",
    "keys_wait_before_they_go": "destroy_scheduled_duration",
    "secrets_rotate": "rotation__rotation_period",
    "lending_ends": "max_request_duration",
    "logs_are_kept_a_year": "retention_days",
    "subnets_log_flows": "log_config__flow_sampling",
    "bucket_forgets_by_age": "lifecycle_rule__condition__days_since_noncurrent_time",
    "budgets_tell_before_they_are_spent": "threshold_rules__threshold_percent",
}


@pytest.mark.parametrize("rule", NUMBERS)
def test_a_number_that_is_known_after_the_apply_is_a_finding_and_ends_nothing(
    rule: str, facts: Facts, planned: dict
) -> None:
    plan = copy.deepcopy(planned[rule, "pass"])
    for one in resources_of(plan):
        one["values"] = put(**{NUMBERS[rule]: UNKNOWN})(one["values"])
    assert {found.rule for found in scan_plans({"fixture": plan}, facts, only=(rule,)).findings} == {rule}


def test_a_duration_may_have_a_fraction(facts: Facts, planned: dict) -> None:
    plan = copy.deepcopy(planned["keys_rotate", "pass"])
    for one in resources_of(plan):
        one["values"]["rotation_period"] = "7000000.5s"
    assert scan_plans({"fixture": plan}, facts, only=("keys_rotate",)).findings == []


def test_a_rule_is_small_and_says_one_sentence() -> None:
    files = [next(rule.folder.glob("rule.*")) for rule in ALL]
    assert [str(file) for file in files if len(file.read_text().splitlines()) > 25] == []
    assert [rule.sentence for rule in ALL if len(rule.sentence) > 110 or "\n" in rule.sentence] == []
    assert len({rule.sentence for rule in ALL}) == len(ALL)


def test_a_rule_that_breaks_is_named_and_never_passes_silently(facts: Facts, planned: dict) -> None:
    from policies import scanning

    (adapter,) = (a for a in scanning._adapters() if a.rule.id == "no_persons")
    sound = adapter.rule
    try:
        adapter.rule = Rule(sound.id, sound.sentence, sound.severity, sound.controls, wrong=lambda it, house: 1 / 0)
        with pytest.raises(NotUsable, match=r"policies/no_persons: fails: ZeroDivisionError"):
            scan_plans({"fixture": planned["no_persons", "pass"]}, facts, only=("no_persons",))
    finally:
        adapter.rule = sound


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"rule.py": "", "pass.tf": ""}, "has no fail.tf"),
        ({"rule.yaml": "", "fail.tf": ""}, "has no pass.tf"),
        ({"pass.tf": "", "fail.tf": ""}, "has no rule"),
        ({"rule.yaml": "metadata: {name: x}", "pass.tf": "", "fail.tf": ""}, "is no rule"),
        ({"rule.yaml": "a: [", "pass.tf": "", "fail.tf": ""}, "is no rule"),
        (
            {
                "rule.yaml": "metadata: {name: x, severity: BAD, controls: [A]}\ndefinition: {}",
                "pass.tf": "",
                "fail.tf": "",
            },
            "lacks a sentence, a severity or its controls",
        ),
    ],
)
def test_a_folder_that_is_no_rule_is_named(tmp_path: Path, files: dict[str, str], told: str) -> None:
    (tmp_path / "half_a_rule").mkdir()
    for name, text in files.items():
        (tmp_path / "half_a_rule" / name).write_text(text)
    with pytest.raises(NotUsable, match=f"policies/half_a_rule.*{told}"):
        rules(tmp_path)


@pytest.mark.parametrize("missing", ["SEVERITY", "CONTROLS", "RESOURCES", "wrong"])
def test_a_rule_in_python_that_lacks_something_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    lines = {
        "SEVERITY": "SEVERITY = 'LOW'",
        "CONTROLS": "CONTROLS = ['A']",
        "RESOURCES": "RESOURCES = ['x']",
        "wrong": "wrong = print",
    }
    (tmp_path / f"lacks_{missing.lower()}").mkdir()
    text = "\n".join(line for name, line in lines.items() if name != missing)
    for name, content in (("rule.py", f'"""A sentence."""\n{text}\n'), ("pass.tf", ""), ("fail.tf", "")):
        (tmp_path / f"lacks_{missing.lower()}" / name).write_text(content)
    monkeypatch.setattr(policies, "__path__", [*policies.__path__, str(tmp_path)])
    with pytest.raises(NotUsable, match=rf"lacks_{missing.lower()}/rule.py: has no {missing};"):
        rules(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"planned_values": 1}'])
def test_what_is_no_plan_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(NotUsable, match=r"plan\.json: .*terraform show -json"):
        read_plan(tmp_path / "plan.json")
