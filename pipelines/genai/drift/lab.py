"""The comparison of live questions with those of the evaluation: all tests at one level, by Holm's correction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.genai.drift import texts as of_texts
from pipelines.genai.drift import two_sample
from pipelines.genai.drift.two_sample import Floats, Labels, Statistic
from pipelines.genai.embedding import Embedding
from settings.problems import InvalidSettings, Problem

Embed = Callable[[Sequence[str]], Floats]
LEAST = 20
DIMENSIONS = 24
OF_VECTORS: dict[str, Callable[[Floats], Statistic]] = {
    "mmd": two_sample.mmd,
    "lsdd": two_sample.lsdd,
    "classifier": two_sample.classifier,
}
TESTS = (*OF_VECTORS, "vocabulary", "length", "topic", "tokens")


@dataclass(frozen=True)
class Moved:
    """One test: its statistic, its p-value, and whether it stands after the correction for all tests."""

    test: str
    statistic: float
    p: float
    drifted: bool


def local(texts: Sequence[str]) -> Floats:
    """Vectors of the local stand-in, fitted on all texts together, so that neither sample is favoured."""
    return Embedding(texts, DIMENSIONS)(texts)


def compare(
    reference: Sequence[str],
    live: Sequence[str],
    *,
    embed: Embed = local,
    alpha: float = 0.01,
    permutations: int | None = None,
    seed: int = 0,
) -> list[Moved]:
    """Every test, with as many permutations as alpha asks for. InvalidSettings where a sample is too small."""
    for name, sample in (("reference", reference), ("traffic", live)):
        if len(sample) < LEAST:
            raise InvalidSettings([Problem(name, f"has {len(sample)} texts, {LEAST} are the least", "wait for more")])
    both = [*reference, *live]
    vectors = embed(both)
    labels = (
        Labels(len(reference), len(live), permutations, seed)
        if permutations
        else Labels.enough(len(reference), len(live), len(TESTS), alpha, seed)
    )
    statistics = {name: make(vectors) for name, make in OF_VECTORS.items()} | {
        "vocabulary": of_texts.vocabulary(both),
        "length": of_texts.length(both),
        "topic": of_texts.topic(vectors),
        "tokens": of_texts.tokens(both),
    }
    found = {name: labels.test(statistic) for name, statistic in statistics.items()}
    standing = holm({name: outcome.p for name, outcome in found.items()}, alpha)
    return [Moved(name, found[name].statistic, found[name].p, name in standing) for name in TESTS]


def holm(p: dict[str, float], alpha: float) -> set[str]:
    """The tests that stand although several were made: any false one at all with a chance of at most alpha."""
    standing: set[str] = set()
    for left, (name, value) in zip(range(len(p), 0, -1), sorted(p.items(), key=lambda pair: pair[1]), strict=True):
        if value > alpha / left:
            break
        standing.add(name)
    return standing
