"""STUB: a local stand-in for a model. It copies sentences out of the passages that it is shown and rates by words.

It follows the rules that it finds in the text, so that a worse prompt gives worse answers: how many sentences, whether
to cite, whether to refuse. Temperature adds noise to its choice. It says nothing about any real model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np

from pipelines.genai.embedding import content_words
from pipelines.genai.image import Image
from pipelines.genai.prompt import Prompt
from pipelines.genai.writer import Reply

LABEL = "STUB on this computer"
PASSAGE = re.compile(r"^\[([^\]]+)\] (.+)$", re.M)
LIMIT = re.compile(r"at most (\d+) sentence")
REFUSAL = re.compile(r"say: (.+)$", re.M)
CITATION = re.compile(r"\s*\[[^\]]*\]")
ENOUGH = 0.45
RULES = {"at most": "- Answer in at most 1 sentence.", "square brackets": "- Name the passage in square brackets."}
"""What the stand-in knows to make instructions better: a rule, and how one sees that it is there."""


class Stub:
    """The stand-in as an adapter."""

    label = LABEL

    def generate(self, prompt: Prompt, text: str, images: Sequence[Image] = ()) -> Reply:
        """What the stand-in says to a rendered prompt. It sees no images, only what the text says of them."""
        it = prompt.it
        answer = {"answer": _answer, "rate": _rate, "prefer": _prefer, "improve": _improve}[it.task](prompt, text)
        words = answer.split()[: it.parameters.max_output_tokens]
        answer = answer if len(words) < it.parameters.max_output_tokens else " ".join(words)
        parameters = it.parameters.model_dump()
        return Reply(answer, it.model_version, parameters, len(text.split()), len(words))


def _answer(prompt: Prompt, text: str) -> str:
    given, _, question = text.rpartition("Question:")
    rules, _, shown = given.partition("Passages:")
    passages = PASSAGE.findall(shown)
    sentences = [(id_, s) for id_, passage in passages for s in re.split(r"(?<=[.;]) ", passage)]
    refusal = REFUSAL.search(rules)
    asked = sorted(set(content_words(question)))
    if not sentences or not asked:
        return refusal.group(1) if refusal else "I do not know."
    told = [_about(s) for _, s in sentences]
    rarity = {word: np.log(1 + len(told) / (1 + sum(word in t for t in told))) for word in asked}
    # Danger: sums in the order of a set differ in their last digit from one start of Python to the next.
    covered = np.array([sum(rarity[w] for w in asked if w in t) for t in told]) / sum(rarity.values())
    noise = np.random.default_rng([crc32(question.encode()), prompt.it.parameters.seed % 2**32])
    ranked = covered + noise.normal(size=len(told)) * prompt.it.parameters.temperature * 0.4
    if refusal and covered.max() < ENOUGH:
        return refusal.group(1).strip()
    limit = LIMIT.search(rules)
    best = np.argsort(-ranked, kind="stable")[: int(limit.group(1)) if limit else 3]
    answer = " ".join(sentences[i][1] for i in sorted(best))
    return f"{answer} [{sentences[best[0]][0]}]" if "square brackets" in rules else answer


@lru_cache(1 << 12)
def _about(sentence: str) -> frozenset[str]:
    return frozenset(content_words(sentence))


def parts(text: str) -> dict[str, str]:
    """What the words of the platform's judges stand before, each on a line of its own."""
    return dict(re.findall(r"^(Question|Reference|Answer|First answer|Second answer): (.*)$", text, re.M))


def recall(reference: str, answer: str) -> float:
    """The share of the reference that an answer says; a number that is missing or another one weighs three words."""
    wanted, said = set(content_words(reference)), set(content_words(CITATION.sub("", answer)))
    weight = {word: 3 if word.isdigit() else 1 for word in wanted}
    return sum(weight[word] for word in wanted & said) / max(1, sum(weight.values()))


def _rate(prompt: Prompt, text: str) -> str:
    found = parts(text)
    share = recall(found["Reference"], found["Answer"])
    score = 1 + sum(share >= step for step in (0.2, 0.4, 0.6, 0.8))
    return json.dumps({"score": score, "reason": f"the answer has {share:.0%} of what the reference says"})


def _prefer(prompt: Prompt, text: str) -> str:
    found = parts(text)
    first, second = (recall(found["Reference"], found[f"{name} answer"]) for name in ("First", "Second"))
    better = "tie" if abs(first - second) < 0.05 else "first" if first > second else "second"
    return json.dumps({"better": better, "reason": f"{first:.0%} against {second:.0%} of what the reference says"})


def _improve(prompt: Prompt, text: str) -> str:
    """The template that is shown, with the rules that it lacks below its last rule."""
    shown = text.partition("\nTemplate:\n")[2].splitlines()
    below = max((number for number, line in enumerate(shown, 1) if line.startswith("- ")), default=0)
    missing = [rule for sign, rule in RULES.items() if not any(sign in line for line in shown)]
    return "\n".join([*shown[:below], *missing, *shown[below:]])
