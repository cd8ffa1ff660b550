"""Trying again: how often, after what, and with which pauses."""

import pytest

from sandbox.physics.change import Broken
from sandbox.retries import ATTEMPTS, FIRST, retried

TYPE = "google_pubsub_topic"


def pauses(broken, type_=TYPE):
    """The pauses of a change that is refused each time."""
    slept, tried = [], []

    def call():
        tried.append(None)
        raise broken

    with pytest.raises(Broken):
        retried(type_, call, sleep=slept.append)
    assert len(tried) == len(slept) + 1
    return slept


def stumble(code, reason="backendError"):
    return Broken(code, "", "no", reason)


def test_pauses_are_random_and_their_bound_doubles_until_the_last_try():
    rounds = [pauses(stumble(503)) for _ in range(100)]
    assert {len(slept) for slept in rounds} == {ATTEMPTS - 1}
    for attempt, slept in enumerate(zip(*rounds, strict=True)):
        bound = FIRST * 2**attempt
        assert min(slept) < bound / 2 < max(slept) <= bound
        assert len(set(slept)) > 1


@pytest.mark.parametrize(
    ("code", "reason", "type_", "again"),
    [
        (429, "rateLimitExceeded", TYPE, True),
        (500, "backendError", TYPE, True),
        (403, "forbidden", TYPE, False),
        (409, "aborted", TYPE, False),
        (409, "aborted", "google_project_iam_member", True),
    ],
)
def test_only_what_may_end_otherwise_is_tried_again(code, reason, type_, again):
    assert bool(pauses(stumble(code, reason), type_)) is again


def test_the_first_answer_ends_the_trying():
    answers = [stumble(503), stumble(503), "made", "too late"]
    slept = []

    def call():
        found = answers.pop(0)
        if isinstance(found, Broken):
            raise found
        return found

    assert (retried(TYPE, call, sleep=slept.append), len(slept), answers) == ("made", 2, ["too late"])
