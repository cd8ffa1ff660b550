"""Whether templates may be published: form, Terraform's own tests, examples, papers, rights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from catalog_templates import makers, metadata, newer, readme
from catalog_templates.template import FOLDER, Template, find, keys, unused
from operations.catalog_changes import unbumped
from operations.catalog_rules import broken
from operations.catalog_words import unknown
from operations.catalog_workshop import Workshop, empty_cloud, judge, workshop
from operations.commits import LAST_COMMIT, resolved
from operations.outcome import OperationFailed
from operations.writing import write
from sandbox.session import Cloud
from settings.loading import read
from settings.problems import InvalidSettings, Problem

WORKERS = 2
CHECKS = (
    "form",
    "roles of the deployer",
    "papers",
    "version",
    "terraform fmt",
    "terraform validate",
    "rules on the plan of each example",
    "terraform test",
)
Check = Callable[[Template, Workshop], Iterator[Problem]]


@dataclass(frozen=True)
class Checked:
    """A template with what was looked at and what is wrong."""

    key: str
    problems: list[Problem] = field(default_factory=list)
    examples: int = 0
    tests: int = 0

    @property
    def good(self) -> bool:
        """Whether it may be published."""
        return not self.problems


def check(
    wanted: Sequence[str],
    *,
    settings: Path,
    schema: Path,
    folder: Path = FOLDER,
    since: str = LAST_COMMIT,
    rewrite: bool = False,
) -> list[Checked]:
    """Check the templates with these keys, or all of the folder. With `rewrite` READMEs get their generated part anew.

    `settings` describe the installation whose regions and environments the rules know. What differs from the commit
    `since` needs a version of its own.
    """
    templates = [find(key, folder) for key in wanted or some(folder)]
    if rewrite:
        for template in templates:
            write(template.folder / "README.md", readme.fresh(template))
    before = resolved(folder, since)
    with empty_cloud(schema) as cloud, ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(lambda template: check_one(template, cloud, settings, before), templates))


def some(folder: Path) -> list[str]:
    """The keys of all templates of a folder. InvalidSettings where it holds none."""
    if found := keys(folder):
        return found
    raise InvalidSettings([Problem(str(folder), "holds no template", "name the folder of the templates with --dir")])


def check_one(template: Template, cloud: Cloud, settings: Path, since: str = LAST_COMMIT) -> Checked:
    """Everything about one template, all problems at once."""
    problems = [*newer.offences(template), *makers.offences(template), *unused(template), *_papers(template)]
    problems += [*unknown(template, read(settings)), *unbumped(template, since)]
    tests = 0
    try:
        with workshop(template, cloud) as place:
            problems += _format(place)
            problems += (invalid := _valid(place))
            if not invalid:
                problems += _examples(template, place, settings)
                tests, failed = _tests(place)
                problems += failed
    except OperationFailed as error:
        problems.append(error.problem)
    return Checked(template.key, sorted(problems), len(template.examples), tests)


def _papers(template: Template) -> Iterator[Problem]:
    for name, text in metadata.metadata(template).items():
        yield from metadata.offences(f"{template.key}/{name}", text)
    if (template.folder / "README.md").read_text(encoding="utf-8") != readme.fresh(template):
        yield Problem(f"{template.key}/README.md", "is stale", "run 'blueprint catalog check --write'")
    if not template.examples:
        yield Problem(f"{template.key}/examples", "is empty", "write an order as NAME.tfvars.json")


def _format(place: Workshop) -> Iterator[Problem]:
    done = place.terraform("fmt", "-check", "-recursive")
    for name in done.stdout.split():
        yield Problem(f"{place.folder.name}/{name}", "is not formatted", "run terraform fmt")


def _valid(place: Workshop) -> list[Problem]:
    said = json.loads(place.terraform("validate", "-json").stdout)
    return [
        Problem(f"{place.folder.name}/{_where(it)}", f"{it['summary']} - {it.get('detail', '')}", "correct it")
        for it in said["diagnostics"]
    ]


def _where(diagnostic: dict[str, dict[str, dict[str, int]]]) -> str:
    place = diagnostic.get("range")
    return f"{place['filename']}:{place['start']['line']}" if place else "main.tf"


def _examples(template: Template, place: Workshop, settings: Path) -> Iterator[Problem]:
    """Each example is an order that the variables accept and that leads to a plan which keeps every rule."""
    for file in template.examples:
        where = f"{template.key}/examples/{file.name}"
        try:
            inputs = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            yield Problem(where, f"is no JSON ({error})", "correct it")
            continue
        if not isinstance(inputs, dict):
            yield Problem(where, "is no order", 'write it as {"input": value}')
            continue
        refused = judge(template, inputs)
        yield from (Problem(f"{where}.{it.place}", it.text, it.way_out) for it in refused)
        yield from (
            Problem(f"{where}.{name}", "is no variable", "remove it") for name in inputs.keys() - template.variables
        )
        if not refused:
            yield from broken({template.key: place.plan(inputs)}, settings)


def _tests(place: Workshop) -> tuple[int, list[Problem]]:
    done = place.terraform("test", "-json")
    problems, passed = [], 0
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["type"] == "test_run" and event["test_run"]["progress"] == "complete":
            name, status = event["test_run"]["run"], event["test_run"]["status"]
            passed += status == "pass"
            if status != "pass":
                problems.append(
                    Problem(f"{place.folder.name}/tests.{name}", f"ends with '{status}'", "see 'terraform test'")
                )
    if not passed and not problems:
        problems.append(Problem(f"{place.folder.name}/tests", "proves nothing", "write tests/NAME.tftest.hcl"))
    return passed, problems


def must_be_good(checked: Sequence[Checked]) -> None:
    """InvalidSettings with the problems of all, where there are any."""
    problems = [problem for one in checked for problem in one.problems]
    if problems:
        raise InvalidSettings(problems)
