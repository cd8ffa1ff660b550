"""Papers cannot drift: what is generated is current, and what is written can be run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from operations.graph import Graph
from operations.papers import addresses, parity
from scripts.program import program
from settings.problems import InvalidSettings
from tests.bless import ADDRESSES, papers
from tests.estate import Estate
from tests.pages import fenced
from tests.program import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INLINE = re.compile(r"`((?:\.venv/bin/)?blueprint [^`]+)`")


def test_every_generated_paper_is_current(estate: Estate) -> None:
    wanted = papers(Graph.read(estate.folder))
    stale = [str(p.relative_to(ROOT)) for p, text in wanted.items() if not p.exists() or p.read_text() != text]
    assert stale == [], "run `make bless` and review the difference"
    assert set(ADDRESSES.glob("*.txt")) <= set(wanted)


def test_no_address_depends_on_how_many_things_came_before(estate: Estate) -> None:
    """An id made of the engine's placeholder for a value changes with every resource that is added before it."""
    found = [a for name in estate.documents for a in addresses(Graph.read(estate.folder), name)]
    assert [address for address in found if "tftoken" in address.lower()] == []


def test_a_row_of_the_parity_table_that_is_nowhere_is_found(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "area.yaml").write_text(
        "- {reference: a bucket, here: ['bootstrap: google_storage_bucket.*']}\n"
        "- {reference: a moon, here: ['bootstrap: google_moon.*']}\n"
        "- {reference: silence}\n"
        "- {reference: proven, proof: ['tests/test_papers.py::test_links_of_pages_lead_somewhere']}\n"
        "- {reference: no such test, proof: ['tests/test_papers.py::test_the_moon']}\n"
        "- {reference: no such file, proof: ['tests/test_moon.py::test_the_moon']}\n"
        "- {reference: no test at all, proof: ['tests/test_papers.py::fenced']}\n"
    )
    with pytest.raises(InvalidSettings) as told:
        parity(Graph.read(estate.folder), tmp_path)
    wrong = ["a moon", "no such file", "no such test", "no test at all", "silence"]
    assert [p.place for p in told.value.problems] == [f"area.yaml: {row}" for row in wrong]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_within_sentences_exist(page: Path) -> None:
    for text in INLINE.findall(page.read_text()):
        _, *words = shlex.split(text.removeprefix(".venv/bin/"))
        command: click.Command = program
        while isinstance(command, click.Group) and words:
            name = words.pop(0)
            found = command.get_command(click.Context(command), name)
            assert found is not None, f"{page.name}: `{text}`: no command '{name}'"
            command = found
        known = {option for param in command.get_params(click.Context(command)) for option in param.opts}
        if "--" in words:
            words = words[: words.index("--")]
        unknown = [word for word in words if word.startswith("--") and word not in known]
        assert unknown == [], f"{page.name}: `{text}`"


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 200
    assert fenced(ROOT / "README.md")[:2] == ["make up", "make test"]
    assert not re.search(r"\bsed -i|<YOUR|REPLACE_ME|CHANGE_ME|xxx+", text, re.I)


def test_links_of_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
