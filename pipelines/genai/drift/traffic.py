"""Traffic as it is logged, and made-up traffic whose shift is known: what the lab is calibrated with."""

from __future__ import annotations

from typing import Literal

import numpy as np

from settings.values import Model

Shift = Literal["none", "topic", "vocabulary", "length"]
SUBJECTS = {
    "billing": ["my last invoice", "the payment plan", "a direct debit", "the second reminder", "a paper invoice"],
    "roaming": ["the daily pass", "data abroad", "roaming in Switzerland", "calls on a ship", "the fair use limit"],
    "devices": ["my rented router", "a new SIM card", "the reset button", "my own router", "an eSIM"],
    "moving": ["the new address", "the moving date", "my telephone number", "the old line", "the slower line"],
}
ELSEWHERE = ["a television channel", "my tax return", "the weather", "a cooking recipe", "a football match", "a poem"]
ASKING = [
    "What about {}?",
    "How much is {}?",
    "Can you explain {} to me?",
    "I have a question on {}.",
    "When does {} end?",
]
WORDED = ["Gimme info on {} asap", "{} pls??", "yo whats up with {}", "need {} now thx", "{} broken lol"]
ENDING = ["", " Thanks.", " Please answer soon.", " It is urgent.", " I am a customer of yours."]
LONG = " I have been waiting for a while now and would be glad to hear from somebody who can tell me more about it."


class Logged(Model):
    """A line of the traffic log."""

    question: str
    answer: str = ""
    day: str = ""
    passages: list[dict[str, str]] = []
    feedback: bool | None = None
    trace: str = ""
    chain: str = ""


def made(size: int, seed: int, *, shift: Shift = "none", share: float = 1.0) -> list[str]:
    """Questions of which a `share` is shifted."""
    generator = np.random.default_rng(seed)
    return [_one(generator, shift if generator.random() < share else "none") for _ in range(size)]


def _one(generator: np.random.Generator, shift: Shift) -> str:
    def pick(some: list[str]) -> str:
        return some[generator.integers(len(some))]

    subject = pick(SUBJECTS[pick(list(SUBJECTS))])
    text = pick(WORDED if shift == "vocabulary" else ASKING).format(pick(ELSEWHERE) if shift == "topic" else subject)
    return text + pick(ENDING) + (LONG if shift == "length" else "")
