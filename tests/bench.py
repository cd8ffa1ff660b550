"""`make bench`: the project's numbers, each beside what it is compared with in the same run; nothing asserts a time.

Prints a table and writes .sandbox/bench.json. Seconds are wall clock, memory is the largest process of a command.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tf.gen import tfplugin_pb2 as pb

from operations.deploying import Run
from operations.graph import Graph, StackPlan
from operations.synth import synth
from operations.target import SandboxTarget, opened
from operations.workspace import Changes
from sandbox.blocks import Block
from sandbox.codec import UNKNOWN, decode, encode
from sandbox.provider import Provider
from sandbox.schema import cached
from sandbox.serving import Serving

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "settings"
PYTHON = sys.executable
ROOT_IMPORT = """
import sys
import cdktf_cdktf_provider_google, cdktf_cdktf_provider_google_beta
from stacks.app import main
main(*sys.argv[1:])
"""
REFERENCE = re.compile(r"\$\{(google_\w+\.[\w-]+)")
TEAMS = (1, 10, 50, 200)


@dataclass
class Number:
    """One measured number; `limit` is what the project promises, None for what is only shown."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def verdict(self) -> str:
        return "" if self.limit is None else ("ok" if self.value <= self.limit else "MISSED")


class Silent:
    """A watcher that says nothing."""

    def started(self, stack: str, what: str) -> None: ...

    def changed(self, stack: str, address: str) -> None: ...

    def finished(self, stack: str, changes: Changes) -> None: ...


def timed(*command: str, cwd: Path = ROOT) -> tuple[float, float]:
    """Seconds and MiB of one command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def median(measure: Callable[[], float], times: int = 3) -> float:
    """The middle of a few runs."""
    return sorted(measure() for _ in range(times))[times // 2]


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


def deploy(graph: Graph, home: Path, idle: bool = False) -> tuple[float, int]:
    """Seconds and resources of a first deploy into an empty sandbox."""
    home.mkdir()
    shutil.copytree(ROOT / ".sandbox/schema", home / ".sandbox/schema")
    with opened("sandbox", home) as target:
        assert isinstance(target, SandboxTarget)
        if idle:
            object.__setattr__(target.cloud, "_providers", idle_providers(target, home))
        if idle or not any(s.makes_its_own_state_bucket() for s in graph.stacks.values()):
            bucket = next(iter(graph.stacks.values())).document()["terraform"]["backend"]["gcs"]["bucket"]
            target.cloud.store.put("google_storage_bucket", bucket, {"name": bucket})
        begin = time.perf_counter()
        results = Run(target, Silent()).deploy(graph)
        return time.perf_counter() - begin, sum(r.resources for r in results)


def settled(block: Block, values: Any) -> Any:
    """Planned values in which every unknown has become something of its type."""
    if not isinstance(values, dict):
        return values
    out = {n: _settled(v, block.attributes[n].type_) for n, v in values.items() if n in block.attributes}
    for name, nested in block.nested.items():
        inner = [] if values.get(name) is UNKNOWN else values.get(name)
        out[name] = (
            [settled(nested.block, v) for v in inner] if isinstance(inner, list) else settled(nested.block, inner)
        )
    return out


def _settled(value: Any, type_: Any) -> Any:
    if value is UNKNOWN:
        if isinstance(type_, str):
            return {"string": "user:idle@example.com", "number": 0, "bool": False}.get(type_)
        return {} if type_[0] == "map" else []
    return [_settled(v, type_[1]) for v in value] if isinstance(value, list) else value


class Idle(Provider):
    """The same schema with nothing behind it: what is planned is true at once, and nothing is ever looked up."""

    def ReadResource(self, request: Any, _: Any) -> Any:
        return pb.ReadResource.Response(new_state=request.current_state, private=request.private)

    def ApplyResourceChange(self, request: Any, settings: Any, folder: Path | None = None) -> Any:
        state = settled(self.schema.resource(request.type_name), decode(request.planned_state))
        return pb.ApplyResourceChange.Response(new_state=encode(state), legacy_type_system=True)

    def ReadDataSource(self, request: Any, _: Any) -> Any:
        block = self.schema.data_source(request.type_name)
        config = decode(request.config)
        computed = {n: UNKNOWN for n, a in block.attributes.items() if config.get(n) is None and a.computed}
        return pb.ReadDataSource.Response(state=encode(settled(block, config | computed)))


def idle_providers(target: SandboxTarget, home: Path) -> Serving:
    schemas = cached(home / ".sandbox/schema")
    return Serving({f"hashicorp/{s.provider}": Idle(s, target.cloud.store) for s in schemas})


def of_builtin(graph: Graph, work: Path) -> Graph:
    """The same graph made of Terraform's built-in terraform_data: as many nodes, the same edges."""
    stacks = {}
    for name, stack in graph.stacks.items():
        document = stack.document()
        own = {f"{t}.{n}": n for t, entries in document.get("resource", {}).items() for n in entries}
        nodes = {}
        for type_, entries in document.get("resource", {}).items():
            for node, values in entries.items():
                needs = {own[r] for r in REFERENCE.findall(json.dumps(values)) if r in own}
                needs |= {own[r] for r in values.get("depends_on", []) if r in own}
                edges = {"depends_on": [f"terraform_data.{n}" for n in sorted(needs - {node})]}
                nodes[node] = {"input": f"{type_}.{node}"} | (edges if needs - {node} else {})
        file = work / "builtin" / name / "cdk.tf.json"
        file.parent.mkdir(parents=True)
        terraform = {"backend": document["terraform"]["backend"]}
        file.write_text(json.dumps({"terraform": terraform, "resource": {"terraform_data": nodes}}))
        stacks[name] = StackPlan(name, file, stack.needs)
    return Graph(stacks)


def of_deploy(work: Path) -> list[Number]:
    graph = synth(SETTINGS, work / "estate")
    seconds, count = deploy(graph, work / "ours")
    builtin, _ = deploy(of_builtin(graph, work), work / "built-in")
    idle, _ = deploy(graph, work / "idle", idle=True)
    blueprint = str(Path(PYTHON).with_name("blueprint"))
    plan = timed(blueprint, "plan", "--settings", str(SETTINGS), cwd=work / "ours")[0]
    destroyed = timed(blueprint, "destroy", "--auto-approve", "--settings", str(SETTINGS), cwd=work / "ours")[0]
    return [
        Number(f"deploy of {count} resources in {len(graph.stacks)} stacks to the sandbox", seconds, "s", 60),
        Number("the same graph of terraform_data", builtin, "s"),
        Number("ratio", seconds / builtin, "", 4),
        Number("the same stacks with a do-nothing provider of the same schema", idle, "s"),
        Number("the empty plan after it", plan, "s"),
        Number("destroy", destroyed, "s"),
    ]


def of_program(_: Path) -> list[Number]:
    blueprint = str(Path(PYTHON).with_name("blueprint"))
    return [
        Number("blueprint --help", median(lambda: timed(blueprint, "--help")[0], 5), "s", 0.3),
        Number("blueprint check", median(lambda: timed(blueprint, "check")[0], 5), "s", 1),
    ]


def of_installation(work: Path) -> list[Number]:
    """`make up` in a fresh clone: with an empty cache and home, then again."""
    clone, home = work / "clone", work / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    fresh = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "VIRTUAL_ENV"))}
    fresh |= {"HOME": str(home), "PIP_CACHE_DIR": str(home / "pip")}
    numbers = []
    for name, limit in (("make up, fresh clone, empty cache", 300), ("make up again", 60)):
        begin = time.perf_counter()
        subprocess.run(["make", "up"], cwd=clone, env=fresh, check=True, stdout=subprocess.DEVNULL)
        numbers.append(Number(name, time.perf_counter() - begin, "s", limit))
    return numbers


def main() -> None:
    # Danger: without bytecode the documented import would look five times worse than it is.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    cached(ROOT / ".sandbox/schema")
    numbers: list[Number] = []
    with tempfile.TemporaryDirectory() as folder:
        for measure in (of_program, of_synth, of_scale, of_deploy, of_installation):
            for number in measure(Path(folder)):
                numbers.append(number)
                limit = "" if number.limit is None else f"at most {number.limit:g}"
                print(
                    f"{number.name:<66} {number.value:>9.3f} {number.unit:<4} {limit:<14} {number.verdict}", flush=True
                )
    out = ROOT / ".sandbox/bench.json"
    out.write_text(json.dumps([asdict(n) | {"verdict": n.verdict} for n in numbers], indent=2) + "\n")
    print(f"written to {out.relative_to(ROOT)}; python {sys.version.split()[0]}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
