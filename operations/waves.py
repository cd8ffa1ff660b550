"""Waves: stacks that the infrastructure pipeline plans, has approved and applies together, one wave after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from cloudbuild.pipelines import read as read_pipelines
from operations.graph import Graph
from settings.problems import InvalidSettings, Problem, suggestion

PIPELINE = "infrastructure"
PLACE = f"cloudbuild/{PIPELINE}/trigger.yaml.waves"
Waves = Mapping[str, Sequence[str]]


def waves(graph: Graph, known: Waves | None = None) -> dict[str, Graph]:
    """The stacks of each wave, in order. InvalidSettings where the waves do not hold every stack once and in order."""
    known = read_pipelines()[PIPELINE].waves if known is None else known
    if problems := [*_misplaced(graph, known), *_early(graph, known)]:
        raise InvalidSettings(problems)
    return {word: Graph({n: s for n, s in graph.stacks.items() if _in(n, known[word])}) for word in known}


def wave(graph: Graph, word: str) -> Graph:
    """The stacks of one wave."""
    return _found(waves(graph), word)


def following(graph: Graph, word: str | None) -> list[Graph]:
    """The waves after one, or all of them, in order."""
    found = waves(graph)
    if word is None:
        return list(found.values())
    _found(found, word)
    return list(found.values())[list(found).index(word) + 1 :]


def _found(known: Mapping[str, Graph], word: str) -> Graph:
    if word not in known:
        raise InvalidSettings([Problem("wave", f"no wave '{word}'", suggestion(word, known, ", ".join(known)))])
    return known[word]


def _misplaced(graph: Graph, known: Waves) -> Iterator[Problem]:
    for name in graph.stacks:
        inside = [word for word, patterns in known.items() if _in(name, patterns)]
        if len(inside) != 1:
            text = f"'{name}' is in {' and '.join(inside) or 'none'}"
            yield Problem(PLACE, text, "name every stack in one wave, or the pipeline does not deploy it")


def _early(graph: Graph, known: Waves) -> Iterator[Problem]:
    place = {name: n for n, patterns in enumerate(known.values()) for name in graph.stacks if _in(name, patterns)}
    for name, stack in graph.stacks.items():
        for need in sorted(stack.needs & set(place)):
            if place.get(name, len(place)) < place[need]:
                yield Problem(PLACE, f"'{name}' comes before '{need}', which it needs", "put it into a later wave")


def _in(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
