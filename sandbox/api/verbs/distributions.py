"""How far values have moved, as Vertex AI Model Monitoring measures it: texts and numbers each in their own way."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

TENTHS = 10


def number(value: Any) -> float | None:
    """A value as a number; None for what is none."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def deviation(before: Sequence[Any], now: Sequence[Any]) -> float:
    """The largest difference of a text's shares; of numbers the Jensen-Shannon divergence, in bits.

    Both are 0 for the same distribution and 1 for two that have nothing in common. What is missing or no number is a
    part of its own.
    """
    known = [found for value in before if (found := number(value)) is not None]
    numeric = bool(known) and all(number(value) is not None for value in before if value not in ("", None))
    if not numeric:
        old, new = _shares(before, str), _shares(now, str)
        return max(abs(old[part] - new[part]) for part in old | new)
    edges = sorted(set(quantiles(known, n=TENTHS, method="inclusive"))) if len(known) > 1 else known
    part = _tenth(edges)
    return _divergence(_shares(before, part), _shares(now, part))


def _tenth(edges: list[float]) -> Callable[[Any], str]:
    def part(value: Any) -> str:
        found = number(value)
        return "missing" if found is None else str(bisect_left(edges, found))

    return part


def _shares(values: Sequence[Any], part: Callable[[Any], str]) -> Counter[str]:
    counts = Counter(part(value) for value in values)
    return Counter({key: count / len(values) for key, count in counts.items()})


def _divergence(old: Counter[str], new: Counter[str]) -> float:
    found = 0.0
    for part in old | new:
        middle = (old[part] + new[part]) / 2
        found += sum(share * math.log2(share / middle) / 2 for share in (old[part], new[part]) if share)
    return found
