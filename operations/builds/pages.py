"""A page per pipeline, made from its files: what starts its builds, as whom, who approves, and what each step runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cloudbuild.pipelines import FOLDER, Pipeline, read_build
from groups.personas import Persona

EVENTS = {"pull_request": "a pull request", "push": "a merge", "message": "a message"}
TRY = {
    "templates": "blueprint pull open templates --from FOLDER --branch BRANCH --as E-MAIL",
    "containers": "blueprint pull open containers --from FOLDER --branch BRANCH --as E-MAIL",
    "infrastructure": "blueprint pull open infrastructure --branch BRANCH --as E-MAIL",
    "team": "blueprint pull open team --team TEAM --from FOLDER --branch BRANCH --as E-MAIL",
}


def page(key: str, pipeline: Pipeline, personas: Mapping[str, Persona]) -> str:
    """The README of a pipeline."""
    return "\n".join(_lines(key, pipeline, personas)) + "\n"


def _lines(key: str, pipeline: Pipeline, personas: Mapping[str, Persona]) -> Iterator[str]:
    approver = next(persona for persona, it in personas.items() if key in it.approves)
    yield f"# {pipeline.title}"
    yield ""
    each = ", once for each team" if pipeline.per_team else ""
    yield pipeline.purpose
    yield f"Its builds run on the private pool of `{pipeline.place}`{each}."
    yield f"Who approves stands in `groups/{approver}.yaml`. Made by `make bless` from the files of this folder."
    yield ""
    yield "| starts | when | under | waits for |"
    yield "|---|---|---|---|"
    for word, trigger in pipeline.triggers.items():
        when = f"{EVENTS[trigger.event]} of {trigger.repository}, on the {trigger.branch.replace('_', ' ')}"
        starters = ", ".join(personas[one].title.lower() for one in trigger.starters)
        when = f"a message of {starters or 'the schedule'}" if trigger.event == "message" else when
        only = f", {trigger.purpose} teams" if trigger.purpose else ""
        waits = personas[approver].title if trigger.approval else ""
        yield f"| [{word}]({trigger.build}) | {when}{only} | `{trigger.builder}` | {waits} |"
    for build in dict.fromkeys(trigger.build for trigger in pipeline.triggers.values()):
        yield ""
        yield f"`{build}`: {_comment(FOLDER / key / build)}"
        yield ""
        for number, step in enumerate(read_build(key, build).steps, 1):
            yield f"{number}. {step.id}: `{step.entrypoint} {' '.join(step.args)}`"
    yield ""
    yield "To try it in the sandbox, where the Git host plays GitHub;"
    yield "[whole-change.sh](../../docs/whole-change.sh) brings a change through all of them:"
    yield ""
    yield "```"
    yield TRY[next(iter(pipeline.triggers.values())).repository]
    waves = " --trigger apply-WAVE" if pipeline.waves else ""
    yield f"blueprint build approve {key}{waves} --as E-MAIL"
    yield "```"


def _comment(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
