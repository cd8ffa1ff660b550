"""One span a step, by OpenTelemetry, kept with the run: what customers write goes to no trace service."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from opentelemetry import trace as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator


@dataclass
class Span:
    """A step as it was: what went in, what came out, by which component, in what time."""

    name: str
    component: str
    input: Mapping[str, Any]
    trace_id: str
    span_id: str
    output: Any = None
    milliseconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


class Ids(IdGenerator):
    """Ids that follow from the name of a trace, so that a repeated run has the same ones."""

    def __init__(self, trace: str) -> None:
        self._trace, self._spans = trace, 0

    def generate_trace_id(self) -> int:
        return self._hash("trace", 16)

    def generate_span_id(self) -> int:
        self._spans += 1
        return self._hash(f"span {self._spans}", 8)

    def _hash(self, part: str, size: int) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._trace} {part}".encode()).digest()[:size], "big")


class Recorder:
    """The spans of one run of a chain, below one root."""

    def __init__(self, trace: str) -> None:
        self.spans: list[Span] = []
        # Danger: without a resource, a provider starts a thread to look for one, with every item of a run.
        provider = TracerProvider(resource=Resource.get_empty(), id_generator=Ids(trace), shutdown_on_exit=False)
        self._tracer = provider.get_tracer("pipelines.genai")
        root = self._tracer.start_span("chain")
        root.end()
        self._context = otel.set_span_in_context(root)

    @contextmanager
    def step(self, name: str, *, component: str, given: Mapping[str, Any]) -> Iterator[Span]:
        """Record a step; what goes wrong inside is recorded and raised."""
        began = perf_counter()
        attributes = {"component": component, "input": json.dumps(given, ensure_ascii=False)}
        with self._tracer.start_as_current_span(name, context=self._context, attributes=attributes) as live:
            ids = live.get_span_context()
            span = Span(name, component, given, f"{ids.trace_id:032x}", f"{ids.span_id:016x}")
            self.spans.append(span)
            yield span
            live.set_attribute("output", json.dumps(span.output, ensure_ascii=False))
            span.milliseconds = (perf_counter() - began) * 1000
