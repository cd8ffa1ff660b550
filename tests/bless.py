"""`make bless`: write what is recorded or generated anew. The diff is what a reviewer reads."""

from __future__ import annotations

import tempfile
from pathlib import Path

from cloudbuild.pipelines import read as pipelines
from operations.access.asking import access_of_graph
from operations.access.pages import owners_pages, people_page
from operations.builds.pages import page as build_page
from operations.conformance import requirements
from operations.conformance_report import page
from operations.graph import Graph
from operations.inventory import access_lines
from operations.known_types import known_types
from operations.papers import addresses, parity, picture
from operations.sandbox_types import sandbox_types
from operations.synth import synth
from scripts.manual import manual
from scripts.program import program
from settings.loading import read
from settings.schemas import export_schemas
from settings.writing import write

ROOT = Path(__file__).parents[1]
ADDRESSES, ACCESS = ROOT / "tests/stacks/addresses", ROOT / "tests/stacks/access"


def papers(graph: Graph) -> dict[Path, str]:
    """Every generated file and its text."""
    inventories = {ADDRESSES / f"{stack}.txt": "\n".join(addresses(graph, stack)) + "\n" for stack in graph.stacks}
    inventories |= {
        ACCESS / f"{stack}.txt": "\n".join(access_lines(plan.document())) + "\n" for stack, plan in graph.stacks.items()
    }
    access = access_of_graph(read(ROOT / "settings"), graph)
    builds = {
        ROOT / f"cloudbuild/{key}/README.md": build_page(key, it, access.words.personas)
        for key, it in pipelines().items()
    }
    owners = {ROOT / f"groups/codeowners/{name}": text for name, text in owners_pages(access).items()}
    return (
        inventories
        | owners
        | builds
        | {
            ROOT / "groups/README.md": people_page(access),
            ROOT / "docs/conformance.md": page(requirements()),
            ROOT / "docs/parity.md": parity(graph, ROOT / "docs/parity"),
            ROOT / "docs/estate.svg": picture(graph),
            ROOT / "docs/commands.md": manual(program),
            ROOT / "policies/types_are_known/types.txt": known_types(graph),
            ROOT / "docs/sandbox-types.md": sandbox_types(graph),
        }
    )


def bless() -> None:
    """Bring every generated file up to date and remove inventories of stacks that are gone."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = papers(synth(ROOT / "settings", Path(folder) / "out"))
    for folder in (ADDRESSES, ACCESS):
        folder.mkdir(exist_ok=True)
        for stale in set(folder.glob("*.txt")) - set(wanted):
            stale.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write(path, text)
            print(path.relative_to(ROOT))
    export_schemas(ROOT / "settings")


if __name__ == "__main__":
    bless()
