"""The access questions as data: asked by requirement, and asked again after what decides was changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from operations.access.asking import Access, Told
from sandbox.iam import Answer, Held
from sandbox.iam.places import MANAGER
from settings.loading import parse, read_yaml
from settings.model import Model
from settings.problems import InvalidSettings, Problem

FILE = Path(__file__).parents[2] / "groups/questions.yaml"
WORDS = 3


class Asked(Model):
    """The questions of one requirement: `who permission where`."""

    allowed: list[str] = []
    refused: list[str] = []


@dataclass(frozen=True)
class Question:
    """One question with the answer that the requirement wants."""

    requirement: str
    who: str
    permission: str
    where: str
    expected: Answer

    def __str__(self) -> str:
        return f"{self.requirement}: {self.who} {self.permission} {self.where}"


def read_questions(file: Path = FILE) -> list[Question]:
    """Every question. Raises InvalidSettings with every line that is none."""
    place = f"groups/{file.name}"
    asked: dict[str, Asked] = parse(TypeAdapter(dict[str, Asked]), read_yaml(file, place), place)
    found, problems = [], []
    for requirement, entry in asked.items():
        for lines, expected in ((entry.allowed, Answer.YES), (entry.refused, Answer.NO)):
            for line in lines:
                if len(words := line.split()) == WORDS:
                    found.append(Question(requirement, words[0], words[1], words[2], expected))
                else:
                    problems.append(
                        Problem(f"{place}.{requirement}", f"'{line}' is no question", "who permission where")
                    )
    if problems:
        raise InvalidSettings(problems)
    return found


def answered(access: Access, questions: Iterable[Question]) -> list[tuple[Question, Told]]:
    """Every question with its answer. Raises InvalidSettings with every question whose words lead nowhere."""
    found, problems = [], []
    for q in questions:
        try:
            found.append((q, access.can(q.who, q.permission, q.where)))
        except InvalidSettings as error:
            place = f"groups/{FILE.name}.{q.requirement}"
            problems += [Problem(place, f"{one.place} {one.text}", one.way_out) for one in error.problems]
    if problems:
        raise InvalidSettings(problems)
    return found


def wrong(access: Access, questions: Iterable[Question]) -> list[tuple[Question, Told]]:
    """The questions whose answer is not the wanted one."""
    return [(q, told) for q, told in answered(access, questions) if told.decision.answer is not q.expected]


def flipped(access: Access, question: Question) -> list[str]:
    """What had to be changed until the answer flipped: nothing at all where it did not.

    A yes flips once what gives it is gone. A no flips once every lock is open: the denials and policies that refuse it
    are removed, and the permission is granted where it is asked for.
    """
    told = access.can(question.who, question.permission, question.where)
    if told.decision.allowed:
        left = [held for held in access.held if held.address not in told.decision.by]
        changed = Access(left, access.words, access.rules).can(question.who, question.permission, question.where)
        return list(told.decision.by) if changed.decision.answer is Answer.NO else []
    return _opened(access, question)


def _opened(access: Access, question: Question) -> list[str]:
    key, changes = (question.who, question.permission, question.where), ["a grant"]
    held = [*access.held, *_granted(access, question)]
    for _ in range(4):
        told = Access(held, access.words, access.rules).can(*key).decision
        if told.allowed:
            return changes
        changes += told.by
        held = [one for one in held if one.address not in told.by]
    return []


def _granted(access: Access, question: Question) -> list[Held]:
    """A role of just this permission, granted to just this principal on the project or folder asked about."""
    words, organization = access.words, access.words.it.organization.organization_id
    places = access.policies.places
    above = [p for p in places.above(places.plain(words.where(question.where))) if p.startswith(MANAGER)]
    kind, _, name = above[0].removeprefix(MANAGER).partition("/")
    place = {"projects": {"project": name}, "folders": {"folder": name}, "organizations": {"org_id": name}}[kind]
    role = {"org_id": organization, "role_id": "planted", "permissions": [question.permission]}
    grant = {"role": f"organizations/{organization}/roles/planted", "member": words.who(question.who, question.where)}
    return [
        Held("a planted role", "google_organization_iam_custom_role", role),
        Held("a planted grant", f"google_{kind.removesuffix('s')}_iam_member", place | grant),
    ]
