"""Where generative operations begin: the assets of a folder, the settings beside them, the models these permit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipelines.genai import cards, lines, tuning
from pipelines.genai.assets import Assets
from pipelines.genai.golden import MANIFEST, GoldenSet
from pipelines.genai.lint import Finding, leaks, lint
from pipelines.genai.prompt import Prompt
from settings import loading
from settings.model import Installation
from settings.problems import InvalidSettings, Problem
from settings.writing import write

OPERATIONAL = ("nonproduction", "production")


def opened(folder: Path, settings: Path) -> tuple[Assets, Installation]:
    """The assets of a folder, with the documents of the settings' sources."""
    installation = loading.read(settings)
    return Assets(folder, dict(_documents(installation, settings))), installation


def permitted(installation: Installation, environment: str) -> frozenset[str]:
    """Names of the models that an environment permits: the middle of publishers/google/models/NAME:predict."""
    permitted = installation.environments[environment].allowed_models  # type: ignore[index]
    return frozenset(model.rpartition("/")[2].partition(":")[0] for model in permitted)


def unusable(
    assets: Assets, installation: Installation, components: Iterable[Prompt], where: Iterable[str]
) -> list[Problem]:
    """Every component whose model an environment does not permit, or whose model cannot do what it asks."""
    known, places, found = cards.read_all(assets), list(where), list[Problem]()
    for one in components:
        for place in places:
            guarded = installation.environments[place].kind == "operational"  # type: ignore[index]
            found += cards.forbidden(one, known, permitted(installation, place), place, guarded=guarded)
        found += cards.unfit(one, known)
    return found


def checked(assets: Assets, name: str) -> list[Finding]:
    """The findings about a golden set and the tuning data beside it; prompts' examples must not hold its items."""
    return defects(assets, assets.golden(name))


def defects(assets: Assets, golden: GoldenSet, scores: dict[str, list[float]] | None = None) -> list[Finding]:
    """The findings about a golden set as it is, or would be."""
    name = golden.name
    source = golden.manifest.source
    documents = assets.documents(source, f"golden/{name}/set.yaml.source") if source else {}
    found = lint(golden, elsewhere=shots(assets.prompts()), documents=documents, scores=scores)
    return found + [f for one in tuning.beside(assets, name) for f in tuning.findings(one, golden)]


def golden_sets(assets: Assets) -> list[str]:
    """The names of all golden sets."""
    return assets.names("golden", MANIFEST)


def shots(prompts: Mapping[str, Prompt]) -> dict[str, str]:
    """What models see beside a question, by where it stands: each example, and each line of a template."""
    found: dict[str, str] = {}
    for prompt in prompts.values():
        for number, example in enumerate(prompt.examples, 1):
            found[f"prompts/{prompt.name}/examples.jsonl:{number}"] = "\n".join(
                [*example.inputs.values(), example.output]
            )
        for number, line in enumerate(prompt.template.splitlines(), 1):
            found[f"prompts/{prompt.name}/template.txt:{number}"] = line
    return found


def guarded(assets: Assets) -> list[Problem]:
    """Every example and template line that shows an item which no model may see: of the test, the vault, an attack."""
    seen = shots(assets.prompts())
    found = [f for name in golden_sets(assets) for f in leaks(assets.golden(name), seen)]
    return [Problem(f.place, f"{f.defect}: {f.text}", f.way_out) for f in found]


def sealed(assets: Assets, name: str) -> str:
    """Write the hash of a set's files into its manifest: its owner has looked at them."""
    content = assets.golden(name).content
    path = assets.folder / "golden" / name / MANIFEST
    kept = [line for line in lines.text(path).splitlines() if not line.startswith("content:")]
    write(path, "\n".join([*kept, f"content: {content}", ""]))
    return content


def _documents(installation: Installation, settings: Path) -> Iterator[tuple[str, dict[str, str]]]:
    problems: list[Problem] = []
    for key, source in installation.sources.items():
        found = {}
        for example in getattr(source, "examples", []):
            try:
                found[Path(example).stem] = lines.text(settings / example, example)
            except InvalidSettings as error:
                problems += error.problems
        if found:
            yield key, found
    if problems:
        raise InvalidSettings(problems)
