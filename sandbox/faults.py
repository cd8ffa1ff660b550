"""Seeded misfortune: what goes wrong at Google, on the way and on this computer, the same for the same seed.

A fault strikes as often as the plan says and never again, in no other process either: the store knows what has struck.
Answers that clients try again are as many as the plan has; of what ends a run there are at most three in a plan.
"""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox import process
from sandbox.physics.change import Broken
from sandbox.physics.references import is_grant
from sandbox.physics.services import service_of
from sandbox.retries import ATTEMPTS
from sandbox.store import Store

SEED = "BLUEPRINT_SANDBOX_FAULTS"
SHARE = 0.12  # of the changes meet a fault
KINDS = {
    "429": 4,
    "409": 2,
    "500": 2,
    "503": 3,
    "slow": 2,
    "half": 2,
    "disk full": 1,
    "locked": 1,
    "terraform killed": 1,
    "provider killed": 1,
}
_ANSWERS = {
    "429": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for requests per minute", "rateLimitExceeded"),
    "409": (409, "ABORTED", "There were concurrent policy changes", "aborted"),
    "500": (500, "INTERNAL", "Internal error encountered", "backendError"),
    "503": (503, "UNAVAILABLE", "The service is currently unavailable", "backendError"),
}
_DISK = {"disk full": "database or disk is full", "locked": "database is locked"}
_ENDS = ("half", "terraform killed", "provider killed")
ENDINGS = 3
_PURPOSE = "fault"
_HALF = 0.5
# Services that answer a creation with an operation, which may fail after it has begun.
_OPERATIONS = ("aiplatform", "alloydb", "artifactregistry", "cloudbuild", "composer", "compute", "notebooks", "spanner")


class Killed(BaseException):
    """Stands for the end of the process where a test cannot afford a real one."""


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Faults:
    """The faults of one seed. `end` is what happens when the process is killed, `stop_terraform` when Terraform is."""

    seed: int
    store: Store
    end: Callable[[], None] = _end
    stop_terraform: Callable[[], None] = process.kill_one
    struck: dict[str, int] = field(default_factory=dict)
    """Kind -> how often, in this process."""

    def before(self, type_: str, values: dict[str, Any]) -> None:
        """What goes wrong before anything is done."""
        kind, times, early = self._fate(type_, values)
        if kind in _ANSWERS and self._strikes(kind, type_, values, times):
            code, status, message, reason = _ANSWERS[kind]
            raise Broken(code, status, f"googleapi: Error {code}: {message}, {reason}", reason)
        if kind == "slow" and self._strikes(kind, type_, values, 1):
            time.sleep(0.05)
        if kind in _DISK and self._strikes(kind, type_, values, 1):
            self.store.fail_once(sqlite3.OperationalError(_DISK[kind]))
        if early:
            self._kill(kind, type_, values)

    def after(self, type_: str, values: dict[str, Any]) -> bool:
        """What goes wrong after the work; True where the operation breaks off, which leaves something unusable."""
        kind, _, early = self._fate(type_, values)
        if not early:
            self._kill(kind, type_, values)
        return kind == "half" and _by_operation(type_, values) and self._strikes(kind, type_, values, 1)

    def _kill(self, kind: str, type_: str, values: dict[str, Any]) -> None:
        if kind == "provider killed" and self._strikes(kind, type_, values, 1):
            self.end()
        if kind == "terraform killed" and self._strikes(kind, type_, values, 1):
            self.stop_terraform()

    def _fate(self, type_: str, values: dict[str, Any]) -> tuple[str, int, bool]:
        """(kind, how often, before or after the work) of the fault that waits for a change; no kind for most."""
        dice = random.Random(f"{self.seed}/{_key(type_, values)}")
        if dice.random() > SHARE:
            return "", 0, False
        (kind,) = dice.choices(list(KINDS), list(KINDS.values()))
        return kind, dice.choice((1, 2, ATTEMPTS - 1)), dice.random() < _HALF

    def _strikes(self, kind: str, type_: str, values: dict[str, Any], times: int) -> bool:
        ends_a_run = kind in _DISK or kind in _ENDS or (kind == "409" and not is_grant(type_))
        for time_ in range(1 if ends_a_run else times):
            mark = f"{self.seed}/{_key(type_, values)}/{kind}/{time_}"
            if not self.store.has_number(_PURPOSE, mark) and (not ends_a_run or self._one_more()):
                self.store.number(_PURPOSE, mark)
                self.struck[kind] = self.struck.get(kind, 0) + 1
                return True
        return False

    @staticmethod
    def noted(store: Store) -> Counter[str]:
        """Kind -> how often, in every process that used the store."""
        kinds = (mark.rsplit("/", 2)[1] for mark in store.numbered_keys(_PURPOSE))
        return Counter(kind for kind in kinds if kind in KINDS)

    def _one_more(self) -> bool:
        """Is there one left of the faults that end a run?"""
        for number in range(ENDINGS):
            mark = f"{self.seed}/ending/{number}"
            if not self.store.has_number(_PURPOSE, mark):
                self.store.number(_PURPOSE, mark)
                return True
        return False


def _key(type_: str, values: dict[str, Any]) -> str:
    texts = [str(values[name]) for name in sorted(values) if isinstance(values[name], str) and name != "id"]
    return f"{type_}/{'/'.join(texts)[:200]}"


def _by_operation(type_: str, values: dict[str, Any]) -> bool:
    protected = values.get("deletion_protection") is True or values.get("deletion_policy") == "PREVENT"
    return service_of(type_).partition(".")[0] in _OPERATIONS and not is_grant(type_) and not protected


def from_environment(store: Store) -> Faults | None:
    """The faults that the environment asks for; none where it is silent."""
    seed = os.environ.get(SEED, "")
    return Faults(int(seed), store) if seed.isdigit() else None
