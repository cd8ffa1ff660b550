"""Every generative asset by kind, name and version, and the content that a version stands for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from operations.generative import opened
from pipelines.genai import cards, chain, lines, prompt, retrieval, tooling, tuning
from pipelines.genai.assets import Assets
from pipelines.genai.golden import MANIFEST
from pipelines.genai.release import LOCK, read_lock
from settings.problems import InvalidSettings, Problem, suggestion

Resolved = tuple[str, Any]
"""A version, and the content that it is the hash of."""


@dataclass(frozen=True)
class Kind:
    """A kind of assets: where their content is kept, the file that each has, and how one is resolved."""

    kept: str
    file: str
    resolve: Callable[[Assets, str], Resolved]


def _prompt(assets: Assets, name: str) -> Resolved:
    found = assets.prompt(name)
    return found.version, found.content


def _model(assets: Assets, name: str) -> Resolved:
    assets.path(cards.KIND, name)
    card = cards.read_all(assets)[name].model_dump(mode="json")
    return lines.digest(card), card


def _chain(assets: Assets, name: str) -> Resolved:
    found = chain.read(assets, name)
    return found.version, found.it.model_dump(mode="json", exclude_none=True)


def _tool(assets: Assets, name: str) -> Resolved:
    found = tooling.read(assets, name)
    return found.version, found.it.model_dump(mode="json")


def _index(assets: Assets, name: str) -> Resolved:
    found = retrieval.read(assets, name)
    return found.version, [asdict(passage) for passage in found.passages]


def _golden(assets: Assets, name: str) -> Resolved:
    found = assets.golden(name)
    if problems := list(found.unsealed()):
        raise InvalidSettings(problems)
    shown = (*found.items, *found.attacks)  # the version is of all of it, what is held out is not shown
    return found.content, [one.model_dump(mode="json", exclude_defaults=True) for one in shown]


def _tuning(assets: Assets, name: str) -> Resolved:
    found = tuning.read(assets, name)
    return found.version, [row.model_dump(mode="json", exclude_defaults=True) for row in found.rows]


def _adapter(assets: Assets, name: str) -> Resolved:
    found = read_lock(assets.folder / "releases" / name / LOCK)["adapter"]
    if found is not None and "@" not in str(found):
        text = f"its adapter '{found}' has no version"
        raise InvalidSettings(
            [Problem(f"releases/{name}/{LOCK}", text, "name it as Model Registry does: MODEL@VERSION")]
        )
    return (str(found).rpartition("@")[2], found) if found else ("none", None)


KINDS: Mapping[str, Kind] = {
    "prompts": Kind("Git, and Vertex AI prompt management", prompt.SPECIFICATION, _prompt),
    "models": Kind("Git", "", _model),
    "chains": Kind("Git", "", _chain),
    "tools": Kind("Git", "", _tool),
    "indexes": Kind("the source's documents", "", _index),
    "golden": Kind("Git", MANIFEST, _golden),
    "tuning": Kind("Git", MANIFEST, _tuning),
    "releases": Kind("adapters: Model Registry", LOCK, _adapter),
}


def versions(assets: Path, settings: Path) -> Iterator[str]:
    """Every asset, a line each. Raises InvalidSettings with each that has no version."""
    found = opened(assets, settings)[0]
    problems: list[Problem] = []
    for key, kind in KINDS.items():
        for name in found.names(key, kind.file):
            try:
                yield f"{key:<10} {name}@{kind.resolve(found, name)[0][: prompt.SHORT]:<14} {kind.kept}"
            except InvalidSettings as error:
                problems += error.problems
    if problems:
        raise InvalidSettings(problems)


def content(assets: Path, settings: Path, kind: str, name: str) -> str:
    """What `name@version` stands for, as JSON. Raises InvalidSettings where the asset has another version now."""
    if kind not in KINDS:
        raise InvalidSettings(
            [Problem(kind, "is no kind of asset", suggestion(kind, KINDS, f"choose of {', '.join(KINDS)}"))]
        )
    kept = opened(assets, settings)[0]
    whole = "@" not in name or name in kept.names(kind, KINDS[kind].file)  # names of open models hold an @ of their own
    plain, _, pin = (name, "", "") if whole else name.rpartition("@")
    version, found = KINDS[kind].resolve(kept, plain)
    if not version.startswith(pin):
        way_out = "check out the commit that had it: the path is the name"
        raise InvalidSettings([Problem(f"{kind}/{plain}", f"is {version[: prompt.SHORT]}, asked is {pin}", way_out)])
    return json.dumps(found, indent=2, ensure_ascii=False)
