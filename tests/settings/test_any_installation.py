"""Whatever `read` accepts has names that Google takes, and synthesizes to the same stacks every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from settings.folder import parse_yaml
from settings.loading import names_of, read
from settings.model import Installation
from settings.problems import InvalidSettings
from tests.settings.strategies import ENVIRONMENTS, Example, installations

ROOT = Path(__file__).parents[2]
COMMON = "common"
# Google's documentation, in words of our own and on purpose not those of settings/names.py.
PROJECT = re.compile(r"(?!.*(google|ssl|null|undefined))[a-z][a-z0-9-]{4,28}[a-z0-9]")
BUCKET = re.compile(r"(?!goog|.*google)[a-z0-9][-a-z0-9_]{1,61}[a-z0-9]")
ACCOUNT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z0-9-]{6,30}\.iam\.gserviceaccount\.com")
RFC1035 = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
GROUP = re.compile(r"[a-z0-9._-]{1,64}@[a-z0-9.-]+")
DATASET = re.compile(r"[A-Za-z0-9_]{1,1024}")
LABEL = re.compile(r"[a-z0-9_-]{0,63}")


def names_in(it: Installation) -> Iterator[tuple[re.Pattern[str], str]]:
    """Names of everything that an installation has, with the form that Google prescribes."""
    names = names_of(it)
    places = [(COMMON, kind) for kind in ("seed", "logging", "monitoring", "keys", "artifacts", "catalog")]
    places += [(environment, what) for environment in ENVIRONMENTS for what in ("keys", "network", *it.teams)]
    places += [("data", source) for source in it.sources]
    for environment, what in places:
        yield PROJECT, names.project(environment, what)
        yield BUCKET, names.bucket(environment, what, "pipelines")
        yield ACCOUNT, names.service_account(environment, what, "pipeline")
        yield DATASET, names.dataset(what)
        for label in names.labels(environment, what, team=what).values():
            yield LABEL, label
    for environment in ENVIRONMENTS:
        yield RFC1035, names.network(environment)
        yield re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,49}"), names.perimeter(environment)
        yield re.compile(r"[\w' -]{3,30}"), names.folder(environment)
        for region in it.organization.regions:
            yield RFC1035, names.subnet(environment, region)
            yield RFC1035, names.key(environment, region, "storage").rsplit("/", 1)[1]
    for team in it.teams:
        yield GROUP, names.group("data_scientist", team)
        yield ACCOUNT, names.deployer(team)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(installations())
def test_what_is_accepted_has_names_that_google_takes(example: Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            it = read(example.write(Path(folder) / "settings"))
        except InvalidSettings as error:
            assert all(problem.place and problem.text and problem.way_out for problem in error.problems)
            assume(False)
            return
    for form, name in names_in(it):
        assert form.fullmatch(name), name
    projects = [names_of(it).project(environment, team) for environment in ENVIRONMENTS for team in it.teams]
    assert len(set(projects)) == len(projects)


@settings(max_examples=150, deadline=None)
@given(st.text() | st.text("[]{}:,-'\"!&*#|>%@` \n\tab01?").map(str))
def test_no_text_ends_in_anything_but_a_document_or_a_problem(text: str) -> None:
    try:
        parse_yaml(text, "x.yaml")
    except InvalidSettings as error:
        assert all(str(problem).startswith("x.yaml") for problem in error.problems)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    name=st.sampled_from(
        ["organization", "keys", "org_policies", "teams/churn", "sources/handbook", "environments/production"]
    ),
    key=st.sampled_from(["kind", "network", "existing", "budget", "tables", "title", "repositories", "labels", "x"]),
    value=documents,
)
def test_no_value_anywhere_ends_in_a_traceback(pristine: Path, name: str, key: str, value: object) -> None:
    path = f"{name}.yaml"
    known = parse_yaml((pristine / path).read_text(encoding="utf-8"), path)
    for document in (value, known | {key: value}):
        try:
            text = json.dumps(document)
            read(pristine, {path: text})
        except InvalidSettings as error:
            assert all(str(problem).startswith("settings/") for problem in error.problems)


def synthesized(folder: Path, out: Path, hash_seed: str) -> dict[str, bytes]:
    """The stacks of a settings folder, made in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "stacks.app", str(folder), str(out)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.json")}


# Few examples, always the same ones: each is synthesized twice, in processes whose sets are ordered differently.
@settings(max_examples=4, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
@given(installations(at_least=2))
def test_what_is_accepted_synthesizes_to_the_same_bytes(example: Example) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "settings"
        try:
            it = read(example.write(folder))
        except InvalidSettings:
            assume(False)
            return
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(lambda seed: synthesized(folder, Path(name) / seed, seed), ("1", "2"))
        assert first == second
        assert all(json.loads(document) for document in first.values())
        stacks = {f"stacks/{environment}-{team}/cdk.tf.json" for environment in ENVIRONMENTS for team in it.teams}
        assert stacks <= first.keys()
