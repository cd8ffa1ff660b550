"""Trying again where Google's clients do: too many requests, a service that stumbles, a policy two change."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sandbox.physics.change import Broken
from sandbox.physics.references import is_grant

Answer = TypeVar("Answer")

ATTEMPTS = 5
_STUMBLES = (429, 500, 502, 503)
# A cloud on the same computer answers sooner: the pauses are a fiftieth of those of Google's clients.
FIRST = 0.02


def retried(type_: str, call: Callable[[], Answer], *, sleep: Callable[[float], None] = time.sleep) -> Answer:
    """The answer of `call`, tried at most five times with growing, random pauses; raises what the last try raised."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return call()
        except Broken as broken:
            if not retryable(type_, broken):
                raise
            sleep(random.uniform(0, FIRST * 2**attempt))
    return call()


def retryable(type_: str, broken: Broken) -> bool:
    """Does the provider try again after such an answer?"""
    return broken.code in _STUMBLES or (broken.reason == "aborted" and is_grant(type_))
