"""What a manifest names of this platform: facts and personas. A word that means nothing is found before any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog_templates.template import MANIFEST, Template
from groups import personas
from operations.catalog_facts import Place
from settings.model import Installation
from settings.problems import Problem, suggestion


def unknown(template: Template, installation: Installation) -> list[Problem]:
    """Every word of a manifest that is none of this platform, with the nearest one."""
    return [
        Problem(
            f"{template.key}/{MANIFEST}.{where}",
            f"'{word}' is no word of this platform",
            suggestion(word, known, _all(known)),
        )
        for where, word, known in _said(template, installation)
        if word not in known
    ]


def _said(template: Template, installation: Installation) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Each word, where it stands, and what could stand there."""
    manifest, people = template.manifest, personas.read()
    facts = Place(installation, next(iter(installation.environments)), "team", "1").facts()
    yield "owner", manifest.owner, people
    for who in manifest.orderers:
        yield "orderers", who, people
    for name, fact in manifest.platform.items():
        yield f"platform.{name}", fact, facts


def _all(known: Iterable[str]) -> str:
    return f"there are {', '.join(sorted(known))}"
