"""Vertex AI's evaluation service. Counting metrics are computed as defined; STAND-IN: what Google asks a model to judge
is judged here by shared words, and each explanation says so."""

import json
import math
import re
from collections import Counter
from typing import Any

from sandbox.api.call import Call
from sandbox.api.errors import ApiError, unknown_to_sandbox

Values = dict[str, Any]

LABEL = "SANDBOX STAND-IN, no model was asked"
_WORD = re.compile(r"\w+")


def _evaluate(call: Call) -> Values:
    out: Values = {}
    for key, given in call.body.items():
        if key in _COUNTED:
            name, measure = _COUNTED[key]
            spec = given.get("metricSpec") or {}
            scores = [{"score": measure(_text(one), spec)} for one in given.get("instances") or []]
            out[f"{name}Results"] = {f"{name}MetricValues": scores}
        elif key in _JUDGED:
            out[key.replace("Input", "Result")] = _JUDGED[key](given)
        elif key.endswith("Input"):
            known = ", ".join(sorted([*_COUNTED, *_JUDGED]))
            raise unknown_to_sandbox(f"how to answer {key}", f"use one of {known}")
    if call.body.get("metrics"):
        raise unknown_to_sandbox("metrics of an instance", "use the inputs that name their metric")
    return out


def _text(instance: Values) -> tuple[list[str], list[str]]:
    return _words(str(instance.get("prediction", ""))), _words(str(instance.get("reference", "")))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _exact(pair: tuple[list[str], list[str]], _: Values) -> float:
    return float(pair[0] == pair[1])


def _bleu(pair: tuple[list[str], list[str]], _: Values) -> float:
    """Geometric mean of the precision of up to four words in a row, shortened answers punished."""
    said, wanted = pair
    logs = []
    for size in range(1, 5):
        mine, theirs = _grams(said, size), _grams(wanted, size)
        hit, total = sum((mine & theirs).values()), sum(mine.values())
        if not hit:
            return 0.0
        logs.append(math.log(hit / total))
    brevity = min(1.0, math.exp(1 - len(wanted) / len(said)))
    return brevity * math.exp(sum(logs) / 4)


def _rouge(pair: tuple[list[str], list[str]], spec: Values) -> float:
    """Harmonic mean of how much of the reference is said, and how much of what is said is in it."""
    kind = str(spec.get("rougeType") or "rougeLsum")
    said, wanted = pair
    if not said or not wanted:
        return 0.0
    if kind in ("rougeL", "rougeLsum"):
        hit, mine, theirs = _longest(said, wanted), len(said), len(wanted)
    elif re.fullmatch(r"rouge[1-9]", kind):
        first, second = _grams(said, int(kind[-1])), _grams(wanted, int(kind[-1]))
        hit, mine, theirs = sum((first & second).values()), sum(first.values()), sum(second.values())
    else:
        raise ApiError(400, f"Invalid rouge_type: {kind}")
    return 2 * hit / (mine + theirs) if mine + theirs else 0.0


def _grams(words: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _longest(one: list[str], other: list[str]) -> int:
    """Length of the longest common subsequence."""
    line = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for place, held in enumerate(other, 1):
            before, line[place] = line[place], before + 1 if word == held else max(line[place], line[place - 1])
    return line[-1]


def _pointwise(given: Values) -> Values:
    """1 to 5 by how much of the reference, or else of the prompt, the response says."""
    told = _fields(given.get("instance") or {})
    share = _share(told, "response")
    return {"score": 1 + min(4, int(share * 5)), "explanation": f"{LABEL}: {share:.0%} of the words are shared"}


def _pairwise(given: Values) -> Values:
    spec, told = given.get("metricSpec") or {}, _fields(given.get("instance") or {})
    candidate = _share(told, str(spec.get("candidateResponseFieldName") or "response"))
    baseline = _share(told, str(spec.get("baselineResponseFieldName") or "baseline_model_response"))
    choice = "TIE" if abs(candidate - baseline) < 0.05 else "CANDIDATE" if candidate > baseline else "BASELINE"
    return {"pairwiseChoice": choice, "explanation": f"{LABEL}: {candidate:.0%} against {baseline:.0%} shared words"}


def _share(told: dict[str, str], field: str) -> float:
    if field not in told:
        raise ApiError(400, f"The instance has no field '{field}'.")
    wanted = set(_words(told.get("reference") or told.get("prompt") or ""))
    return len(wanted & set(_words(told[field]))) / len(wanted) if wanted else 0.0


def _fields(instance: Values) -> dict[str, str]:
    """The fields of an instance, given as JSON or as contents."""
    try:
        plain = json.loads(str(instance.get("jsonInstance") or "{}"))
    except ValueError as problem:
        raise ApiError(400, f"json_instance is not JSON: {problem}") from None
    mapped = (instance.get("contentMapInstance") or {}).get("values") or {}
    texts = {
        key: " ".join(
            str(part.get("text", "")) for one in value.get("contents") or [] for part in one.get("parts") or []
        )
        for key, value in mapped.items()
    }
    return {key: str(value) for key, value in plain.items()} | texts


_COUNTED = {"exactMatchInput": ("exactMatch", _exact), "bleuInput": ("bleu", _bleu), "rougeInput": ("rouge", _rouge)}
_JUDGED = {"pointwiseMetricInput": _pointwise, "pairwiseMetricInput": _pairwise}
METHODS = {"aiplatform.projects.locations.evaluateInstances": _evaluate}
