"""Deploying the example estate: against Terraform's built-in resource, and against a provider that does nothing."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterable
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
from tests.bench.numbers import BLUEPRINT, ROOT, SETTINGS, Number, timed

REFERENCE = re.compile(r"\$\{(google_\w+\.[\w-]+)")


class Silent:
    """A watcher that says nothing."""

    def started(self, stack: str, what: str) -> None: ...

    def changed(self, stack: str, address: str) -> None: ...

    def finished(self, stack: str, changes: Changes) -> None: ...


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
        kind, inner = type_
        if kind == "object":
            return {name: _settled(UNKNOWN, of) for name, of in inner.items()}
        return {} if kind == "map" else [_settled(UNKNOWN, inner)]
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


def measure(work: Path) -> Iterable[Number]:
    graph = synth(SETTINGS, work / "estate")
    seconds, count = deploy(graph, work / "ours")
    builtin, _ = deploy(of_builtin(graph, work), work / "built-in")
    idle, _ = deploy(graph, work / "idle", idle=True)
    plan = timed(BLUEPRINT, "plan", "--settings", str(SETTINGS), cwd=work / "ours")[0]
    destroyed = timed(BLUEPRINT, "destroy", "--auto-approve", "--settings", str(SETTINGS), cwd=work / "ours")[0]
    return [
        Number(f"deploy of {count} resources in {len(graph.stacks)} stacks to the sandbox", seconds, "s", 60),
        Number("the same graph of terraform_data", builtin, "s"),
        Number("ratio", seconds / builtin, "", 4),
        Number("the same stacks with a do-nothing provider of the same schema", idle, "s"),
        Number("the empty plan after it", plan, "s"),
        Number("destroy", destroyed, "s"),
    ]
