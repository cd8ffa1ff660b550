"""Studies: which points of a search space are tried, and what a trial measured. STAND-IN: spread, not learned."""

import json
import math
from pathlib import Path
from random import Random
from typing import Any

Values = dict[str, Any]


def points(study: Values, most: int, chance: Random) -> list[Values]:
    """`most` points that cover each parameter evenly, in a random combination."""
    spread: dict[str, list[Any]] = {}
    for line in study.get("parameters") or []:
        shares = [(place + 0.5) / most for place in range(most)]
        chance.shuffle(shares)
        spread[line["parameterId"]] = [_value(line, share) for share in shares]
    return [{name: values[place] for name, values in spread.items()} for place in range(most)]


def measured(study: Values, file: Path) -> list[Values] | None:
    """The last value of each metric, reported in the form of cloudml-hypertune; None where a trial left one out."""
    lines = [json.loads(line) for line in file.read_text().splitlines() if line.strip()] if file.exists() else []
    found: list[Values] = []
    for metric in study.get("metrics") or []:
        told = [line[metric["metricId"]] for line in lines if metric["metricId"] in line]
        if not told:
            return None
        found.append({"metricId": metric["metricId"], "value": float(told[-1])})
    return found


def _value(line: Values, share: float) -> Any:
    """The value that lies at a share of a parameter's range, on its scale."""
    if choices := (line.get("categoricalValueSpec") or line.get("discreteValueSpec") or {}).get("values"):
        return choices[min(int(share * len(choices)), len(choices) - 1)]
    whole = "integerValueSpec" in line
    spec = line.get("integerValueSpec") or line.get("doubleValueSpec") or {}
    low, high = float(spec["minValue"]), float(spec["maxValue"])
    if line.get("scaleType") == "UNIT_LOG_SCALE" and low > 0:
        found = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    else:
        found = low + share * (high - low)
    return round(found) if whole else found
