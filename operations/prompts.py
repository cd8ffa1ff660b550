"""Prompts as a team works with them: listed, shown, compared with what they were, restored, checked."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.generative import guarded, opened, unusable
from operations.model_places import reached, writer_of
from operations.outcome import OperationFailed
from pipelines.genai import prompt as prompts
from pipelines.genai.image import Image
from pipelines.genai.prompt import SHORT, Prompt, difference
from pipelines.genai.vertex.prompt_shelf import Shelf
from pipelines.genai.writer import Reply
from settings.model import Installation
from settings.parts import ENVIRONMENTS
from settings.problems import InvalidSettings, Problem
from settings.writing import delete, write


@dataclass(frozen=True)
class Line:
    """One component in the list."""

    name: str
    version: str
    model: str
    owner: str
    title: str


def listed(assets: Path, settings: Path) -> list[Line]:
    """Every component."""
    found = opened(assets, settings)[0].prompts().values()
    return [Line(p.name, p.version, p.it.model, p.it.owner, p.it.title) for p in found]


def one(assets: Path, settings: Path, name: str) -> Prompt:
    """The component of a name."""
    return opened(assets, settings)[0].prompt(name)


def rendered(assets: Path, settings: Path, name: str, values: tuple[str, ...]) -> str:
    """The text that the model would see, from values written as NAME=VALUE; VALUE may be JSON."""
    component = one(assets, settings, name)
    return component.render(_given(component, values))


def tried(
    assets: Path, settings: Path, name: str, values: tuple[str, ...], *, model: str, models: str, environment: str
) -> tuple[Prompt, Reply, str]:
    """Ask a component once, with another model where one is named; what was asked, the reply, and who gave it."""
    found, installation = opened(assets, settings)
    component = found.prompt(name).asking(model) if model else found.prompt(name)
    given = _given(component, values)
    text = component.render(given)
    with reached(models, installation, environment) as place:
        if problems := unusable(found, installation, [component], [environment]):
            raise InvalidSettings(problems)
        writer = writer_of(found, place)
        return component, writer.generate(component, text, component.images(given)), writer.label


def _given(component: Prompt, values: tuple[str, ...]) -> dict[str, Any]:
    """Values written as NAME=VALUE, where VALUE may be JSON, or @FILE for an image."""
    given: dict[str, Any] = {}
    for pair in values:
        key, mark, value = pair.partition("=")
        if not mark:
            raise InvalidSettings([Problem("--input", f"'{pair}' is no NAME=VALUE", "write it as NAME=VALUE")])
        if value.startswith("@") and key in component.it.inputs and component.it.inputs[key].type == "image":
            given[key] = Image.read(Path(value[1:]), key)
            continue
        try:
            given[key] = json.loads(value)
        except ValueError:
            given[key] = value
    return given


def compared(assets: Path, settings: Path, name: str, revision: str) -> str:
    """What changed in a component since a Git revision."""
    with tempfile.TemporaryDirectory() as folder:
        _written(assets, name, revision, Path(folder) / name)
        return difference(prompts.read(Path(folder) / name), one(assets, settings, name))


def restored(assets: Path, settings: Path, name: str, revision: str) -> str:
    """Put a component back to a Git revision; the version that it has then."""
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / name
        _written(assets, name, revision, before)
        version = prompts.read(before).version
        _replace(assets / "prompts" / name, {path.name: path.read_text(encoding="utf-8") for path in before.iterdir()})
    return version


def verified(assets: Path, settings: Path) -> list[Prompt]:
    """Every component, if all of them can be used and every environment permits their models."""
    found, installation = opened(assets, settings)
    components = found.prompts()
    problems = [*unusable(found, installation, components.values(), ENVIRONMENTS), *guarded(found)]
    if problems:
        raise InvalidSettings(problems)
    return list(components.values())


def published(assets: Path, settings: Path, name: str, models: str, environment: str) -> bool:
    """Put a component into prompt management; False where it is the newest version there already."""
    found, installation = opened(assets, settings)
    component = found.prompt(name)
    with _shelf(installation, models, environment) as shelf:
        if problems := unusable(found, installation, [component], [environment]):
            raise InvalidSettings(problems)
        return shelf.publish(component)


def pulled(assets: Path, settings: Path, name: str, version: str, models: str, environment: str) -> tuple[str, bool]:
    """Put a component's files back to a published version; its version, and whether anything was written.

    Who owns the component and how its file is spelled stay as they are where the content is the same.
    """
    found, installation = opened(assets, settings)
    with _shelf(installation, models, environment) as shelf:
        component = shelf.pull(name, version)
    known = name in found.names("prompts", prompts.SPECIFICATION)
    if known and found.prompt(name).version == component.version:
        return component.version, False
    _replace(assets / "prompts" / name, prompts.files(component))
    return component.version, True


def unpublished(assets: Path, settings: Path, models: str, environment: str) -> list[Problem]:
    """Every prompt of which prompt management does not hold what stands here."""
    found, installation = opened(assets, settings)
    with _shelf(installation, models, environment) as shelf:
        return list(shelf.differing(found.prompts()))


def _replace(folder: Path, files: Mapping[str, str]) -> None:
    """Let a component's folder hold these files and no others."""
    for name, text in files.items():
        write(folder / name, text)
    for path in folder.iterdir():
        if path.name not in files:
            delete(path)


@contextmanager
def _shelf(installation: Installation, models: str, environment: str) -> Iterator[Shelf]:
    with reached(models, installation, environment) as place:
        if place is None:
            raise OperationFailed("--models", "the stand-in has no prompt management", "choose sandbox or google")
        yield Shelf(place)


def _written(assets: Path, name: str, revision: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    for path, content in _at(assets / "prompts" / name, revision):
        (folder / path).write_bytes(content)


def _at(folder: Path, revision: str) -> Iterator[tuple[str, bytes]]:
    place = folder.parent if not folder.is_dir() else folder
    paths = _git(place, "ls-tree", "--name-only", revision, "--", f"{folder.resolve()}/").decode().split()
    if not paths:
        raise InvalidSettings([Problem(f"prompts/{folder.name}", f"is not in revision '{revision}'", "see git log")])
    for path in paths:
        yield Path(path).name, _git(place, "show", f"{revision}:./{path}")


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
    except OSError as error:
        raise OperationFailed("git", f"cannot be run ({error.strerror})", "install git") from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines() or [""]
        raise InvalidSettings([Problem("git", told[0].removeprefix("fatal: "), "name a revision of this repository")])
    return done.stdout


def short(component: Prompt) -> str:
    """How a version is shown."""
    return component.version[:SHORT]
