"""Every question, tried as that person with Google's own client against a sandbox that holds the estate."""

from __future__ import annotations

import pytest

from operations.access.questions import Question, read_questions
from operations.access.words import Words
from sandbox.iam import Answer
from sandbox.store import Store
from settings.model import Installation
from tests.operations.access.attempts import ASKING, CLIENT, ONLY_ASKED, attempt
from tests.operations.access.calls import CALLS

QUESTIONS = read_questions()
ENOUGH = 80


def person(words: Words, installation: Installation, question: Question) -> str:
    """Somebody who is in the persona's group, where the settings list people; else the group or the account itself."""
    principal = words.who(question.who, question.where)
    for key, persona in words.personas.items():
        for team, members in [
            (None, installation.organization.members),
            *((t, e.members) for t, e in installation.teams.items()),
        ]:
            if (
                persona.per_team == bool(team)
                and principal == f"group:{words.names.group(key, team)}"
                and key in members
            ):
                return f"user:{members[key][0]}"
    return principal


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_trying_it_gives_the_answer_that_the_requirement_wants(
    question: Question, cloud: Store, words: Words, installation: Installation
) -> None:
    resource = words.where(question.where)
    bucket, _, name = resource.partition("/buckets/")[2].partition("/objects/")
    if name and question.permission == "storage.objects.create":
        resource += f".{QUESTIONS.index(question)}"  # Another name: who may only create replaces nothing.
    elif bucket and cloud.objects.get(bucket, name or "attempt") is None:
        cloud.objects.put(bucket, name or "attempt", b"here")
    works, way = attempt(person(words, installation, question), question.permission, resource)
    assert (works, way) == (question.expected is Answer.YES, ASKING if question.permission in ONLY_ASKED else CLIENT)


def test_every_question_is_tried_by_doing_it_or_says_why_not() -> None:
    asked = {question.permission for question in QUESTIONS}
    assert asked == {*CALLS, *ONLY_ASKED}
    assert not CALLS.keys() & ONLY_ASKED.keys()
    assert sum(question.permission in CALLS for question in QUESTIONS) >= ENOUGH


def test_a_person_in_no_group_can_do_nothing(cloud: Store, words: Words) -> None:
    allowed = next(question for question in QUESTIONS if question.expected is Answer.YES)
    works, _ = attempt("user:eve@example.com", allowed.permission, words.where(allowed.where))
    assert works is False
