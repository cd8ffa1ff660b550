"""The folder of generative assets: every kind of asset has one shape, its path is its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.genai import golden, prompt
from settings.problems import InvalidSettings, Problem, suggestion

FOLDER = Path(__file__).parent
Documents = Mapping[str, str]


@dataclass(frozen=True)
class Assets:
    """What stands in an assets folder. `sources` are the documents of each source of the settings, by name."""

    folder: Path
    sources: Mapping[str, Documents]

    def prompts(self) -> dict[str, prompt.Prompt]:
        """Every prompt."""
        return prompt.read_all(self.folder / "prompts")

    def prompt(self, name: str) -> prompt.Prompt:
        """The prompt of this name."""
        return prompt.read(self.path("prompts", name, prompt.SPECIFICATION))

    def golden(self, name: str) -> golden.GoldenSet:
        """The golden set of this name."""
        return golden.read(self.path("golden", name, golden.MANIFEST))

    def documents(self, source: str, place: str) -> Documents:
        """The documents of a source."""
        if source not in self.sources:
            way_out = suggestion(source, self.sources, "add it to settings/sources")
            raise InvalidSettings([Problem(place, f"there is no source '{source}' with documents", way_out)])
        return self.sources[source]

    def names(self, kind: str, file: str = "") -> list[str]:
        """Names of the assets of a kind."""
        paths = (self.folder / kind).glob(f"*/{file}") if file else (self.folder / kind).glob("*.yaml")
        return sorted(path.parent.name if file else path.stem for path in paths)

    def path(self, kind: str, name: str, file: str = "") -> Path:
        """The folder of an asset, or its file where it is only one. Raises InvalidSettings where there is none."""
        known = self.names(kind, file)
        if name not in known:
            way_out = suggestion(name, known, f"there are {', '.join(known) or 'none yet'}")
            raise InvalidSettings([Problem(f"{kind}/{name}", "does not exist", way_out)])
        return self.folder / kind / (name if file else f"{name}.yaml")
