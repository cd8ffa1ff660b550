"""The source: nothing in it that nobody uses, nothing that was left behind."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

STRAY = re.compile(
    r"(^|/)(\.gitmodules|cookies?(\.txt|jar)?|scratch\b[^/]*|.*\.(bak|backup|orig|rej|swp|tfstate|tgz|zip))$"
)


def unused(source: str) -> set[str]:
    """Named parameters of the functions of a module that their bodies never mention."""
    found = set()
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and not isinstance(function.body[-1], ast.Raise):
            said = {n.id for part in function.body for n in ast.walk(part) if isinstance(n, ast.Name)}
            found |= {argument.arg for argument in function.args.kwonlyargs if argument.arg not in said}
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "stacks").rglob("*.py")), ids=lambda path: path.name)
def test_every_parameter_of_a_stack_or_construct_is_used(path: Path) -> None:
    assert unused(path.read_text()) == set()
    assert unused("def f(*, location: str, key: str) -> None:\n    print(key)\n") == {"location"}


def test_no_stray_file_is_tracked_and_none_twice() -> None:
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    entries = [(line.split()[:2], line.partition("\t")[2]) for line in listed.splitlines()]
    assert [path for _, path in entries if STRAY.search(path)] == []
    assert [path for (mode, _), path in entries if mode == "160000"] == []
    times = Counter(blob for (_, blob), _ in entries)
    twice = [path for (_, blob), path in entries if times[blob] > 1 and (ROOT / path).stat().st_size > 1]
    # A template is published as its folder stands, so each holds the versions it runs with; each model has its card.
    alike = re.compile(r"catalog_templates/\w+/versions\.tf|pipelines/genai/models/.+\.yaml")
    assert [path for path in twice if not alike.fullmatch(path)] == []
    assert STRAY.search("docs/state.tfstate")
    assert STRAY.search("4-projects/cookies.txt")
