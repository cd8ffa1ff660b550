"""Synthesis: against the documented root import, and over the number of teams."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from operations.graph import Graph
from tests.bench.numbers import PYTHON, SETTINGS, Number, median, timed

ROOT_IMPORT = """
import sys
import cdktf_cdktf_provider_google, cdktf_cdktf_provider_google_beta
from stacks.app import main
main(*sys.argv[1:])
"""
TEAMS = (1, 10, 50, 200)


def measure(work: Path) -> Iterable[Number]:
    yield from of_synth(work)
    yield from of_scale(work)


def of_synth(work: Path) -> list[Number]:
    lean = median(lambda: timed(PYTHON, "-m", "stacks.app", str(SETTINGS), str(work / "lean"))[0])
    plain_command = (PYTHON, "-c", ROOT_IMPORT, str(SETTINGS), str(work / "plain"))
    timed(*plain_command)  # so that both have their bytecode
    plain = timed(*plain_command)[0]
    return [
        Number("synth of the example estate", lean, "s"),
        Number("the same with the documented root import", plain, "s"),
        Number("ratio", lean / plain, "", 0.25),
    ]


def with_teams(work: Path, count: int) -> Path:
    """The example settings with `count` teams, half of each kind."""
    settings = work / f"settings-{count}"
    shutil.copytree(SETTINGS, settings)
    for number in range(2, count):
        kind = ("churn", "assistant")[number % 2]
        text = (SETTINGS / f"teams/{kind}.yaml").read_text().replace(kind, f"team-{number}")
        (settings / f"teams/team-{number}.yaml").write_text(text)
    if count == 1:
        (settings / "teams/assistant.yaml").unlink()
    return settings


def of_scale(work: Path) -> list[Number]:
    numbers, per_resource = [], {}
    for count in TEAMS:
        out = work / f"scale-{count}"
        seconds, memory = timed(PYTHON, "-m", "stacks.app", str(with_teams(work, count)), str(out))
        graph = Graph.read(out)
        resources = sum(len(v) for s in graph.stacks.values() for v in s.document().get("resource", {}).values())
        per_resource[count] = seconds / resources
        numbers.append(Number(f"synth, {count} teams, {resources} resources", seconds, "s"))
        numbers.append(Number(f"largest process, {count} teams", memory, "MiB"))
    return [*numbers, Number("seconds per resource, 200 teams to 10", per_resource[200] / per_resource[10], "", 1.3)]
