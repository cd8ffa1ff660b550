"""What the groups' files say against what Google's roles are made of, the pipelines there are, and the people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from cloudbuild.pipelines import Pipeline
from groups.checks import group_problems, member_problems
from groups.personas import OWN, Persona, Repository
from groups.rules import Exclusive, Rules
from sandbox.iam.decision import permission_of
from sandbox.iam.roles import permissions, predefined, predefined_roles
from settings.model import Installation
from settings.problems import Problem, suggestion


def access_problems(
    personas: Mapping[str, Persona],
    rules: Rules,
    pipelines: Mapping[str, Pipeline],
    it: Installation | None,
    settings: str = "settings",
) -> Iterator[Problem]:
    """Every contradiction, misspelling and excess of the groups' files; of the people too where settings are given."""
    yield from group_problems(personas, rules)
    yield from _spelling(rules)
    for key, persona in personas.items():
        for where, held in persona.grants.items():
            yield from _roles(f"groups/{key}.yaml.{where}", where, held, rules)
        for word, lent in persona.lent.items():
            yield from _roles(f"groups/{key}.yaml.lent.{word}", lent.place, lent.roles, rules)
    yield from _duties(personas, pipelines)
    if it is not None:
        every = {"exclusive": [*rules.exclusive, *excluding(personas, pipelines)]}
        yield from member_problems(personas, rules.model_copy(update=every), it, settings)


def excluding(personas: Mapping[str, Persona], pipelines: Mapping[str, Pipeline]) -> Iterator[Exclusive]:
    """Whom nobody may be at the same time: who writes and who approves it, who asks for rights and who lends them."""
    for key, persona in personas.items():
        built = {r for word in persona.approves if word in pipelines for r in _sources(pipelines[word])}
        for other, writer in personas.items():
            if other != key and (both := sorted(built.intersection(writer.writes))):
                why = f"who writes {' and '.join(both)} never approves what is built from it"
                yield Exclusive(groups=[other, key], why=why)
        for lender in sorted({lent.approver for lent in persona.lent.values()} - {key}):
            yield Exclusive(groups=[key, lender], why="who asks for rights never lends them")


def _sources(pipeline: Pipeline) -> set[Repository]:
    return {trigger.repository for trigger in pipeline.triggers.values()}


def _spelling(rules: Rules) -> Iterator[Problem]:
    for key, role in rules.roles.items():
        for name in role.names:
            if name not in permissions():
                yield _unknown(f"groups/roles/{key}.yaml.permissions", name)
    for key, denial in rules.denials.items():
        for written in denial.permissions:
            if permission_of(written) not in permissions():
                yield _unknown(f"groups/denials.yaml.{key}.permissions", written)


def _unknown(place: str, name: str) -> Problem:
    service = name.partition(".")[0]
    near = [known for known in permissions() if known.startswith(f"{service}.")]
    return Problem(place, f"no permission '{name}'", suggestion(name, near, "see the permissions of the service"))


def _roles(place: str, where: str, roles: Iterable[str], rules: Rules) -> Iterator[Problem]:
    for role in roles:
        held = _held(role, rules)
        if held is None:
            if not role.startswith(OWN):
                way_out = suggestion(role, predefined_roles(), "add it to the table of roles")
                yield Problem(place, f"the permissions of '{role}' are not known", way_out)
            continue
        for pattern in rules.limits[where].never if where in rules.limits else ():
            if found := sorted(name for name in held if fnmatchcase(name, pattern)):
                text = f"'{role}' holds '{found[0]}', which groups/limits.yaml never allows in {where}"
                yield Problem(place, text, "choose a narrower role")
                break


def _held(role: str, rules: Rules) -> Iterable[str] | None:
    if role.startswith(OWN):
        own = rules.roles.get(role.removeprefix(OWN))
        return own.names if own else None
    return predefined(role)


def _duties(personas: Mapping[str, Persona], pipelines: Mapping[str, Pipeline]) -> Iterator[Problem]:
    """Who writes what a pipeline brings into operation never approves there, and every approval has one persona."""
    consenting: dict[str, list[str]] = {}
    for key, persona in personas.items():
        place = f"groups/{key}.yaml.approves"
        for word in persona.approves:
            pipeline = pipelines.get(word)
            if pipeline is None:
                yield Problem(place, f"no pipeline '{word}'", suggestion(word, pipelines, "see cloudbuild/"))
                continue
            consenting.setdefault(pipeline.place, []).append(key)
            for repository in sorted(_sources(pipeline).intersection(persona.writes)):
                text = f"approves '{word}' and writes the repository '{repository}' that it builds"
                yield Problem(place, text, "who writes never approves")
    for place, keys in consenting.items():
        if len(set(keys)) > 1:
            text = f"{' and '.join(sorted(set(keys)))} approve in one build project"
            yield Problem(f"groups/{sorted(keys)[0]}.yaml.approves", text, f"let one of them approve all of {place}")
    for word, pipeline in pipelines.items():
        waits = any(trigger.approval for trigger in pipeline.triggers.values())
        if waits and not any(word in persona.approves for persona in personas.values()):
            yield Problem(f"cloudbuild/{word}/trigger.yaml", "nobody approves", "name it in 'approves' of a persona")
