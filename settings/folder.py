"""A settings folder on disk, with changes in mind that are not written yet; text in, plain documents out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from settings.problems import InvalidSettings, Problem, suggestion

SUFFIX = ".yaml"
NOT_READ = ("schema",)
MALFORMED = (ValueError, LookupError, TypeError, AttributeError)


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error instead of a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is not plain text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key}' stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str, place: str) -> Any:
    """The content of a YAML text; InvalidSettings with the line where it is not YAML."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}:{mark.line + 1}" if mark else place
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "is not YAML"
        raise InvalidSettings([Problem(where, reason, "fix the YAML")]) from None
    except RecursionError:
        raise InvalidSettings([Problem(place, "is nested too deeply", "fix the YAML")]) from None
    except MALFORMED as error:  # what the parser lets through for malformed dates and numbers
        reason = f" ({error})" if isinstance(error, ValueError) else ""
        raise InvalidSettings([Problem(place, f"holds a malformed value{reason}", "put it in quotes")]) from None


def read_yaml(path: Path, place: str) -> Any:
    """The content of a YAML file, called `place` in problems; InvalidSettings where it cannot be used."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8-sig"), place)
    except FileNotFoundError:
        raise InvalidSettings([Problem(place, "is missing", "add it")]) from None
    except UnicodeDecodeError:
        raise InvalidSettings([Problem(place, "is not UTF-8 text", "save it as UTF-8")]) from None
    except OSError as error:
        problem = Problem(place, f"cannot be read ({error.strerror})", "make it a file that you may read")
        raise InvalidSettings([problem]) from None


@dataclass(frozen=True)
class SettingsFolder:
    """A folder of YAML files. `changes` maps a relative path to the text that replaces it, None where it is gone."""

    path: Path
    changes: Mapping[str, str | None] = field(default_factory=dict)

    def place(self, relative: str) -> str:
        """How problems name a file of the folder."""
        return f"{self.path.name or self.path.resolve().name}/{relative}"

    def keys(self, name: str) -> list[str]:
        """The file names, without ending, of a subfolder."""
        changed = {path for path in self.changes if path.startswith(f"{name}/")}
        found = {f"{name}/{entry.name}" for entry in self._entries(name)} - changed
        kept = found | {path for path in changed if self.changes[path] is not None}
        return sorted(path[len(name) + 1 : -len(SUFFIX)] for path in kept if path.endswith(SUFFIX))

    def document(self, relative: str) -> Any:
        """The content of one file; InvalidSettings where it cannot be read or is not YAML."""
        place = self.place(relative)
        if (text := self.changes.get(relative)) is not None:
            return parse_yaml(text, place)
        return read_yaml(self.path / relative, place)

    def unread(self, files: Iterable[str], folders: Iterable[str]) -> Iterator[Problem]:
        """A problem for every YAML file that stands where nobody reads it."""
        files, folders = [f"{name}{SUFFIX}" for name in files], list(folders)
        for entry in self._entries(""):
            if entry.is_dir() and entry.name not in (*folders, *NOT_READ) and any(map(_is_yaml, _inside(entry))):
                yield Problem(self.place(entry.name), "is not read", suggestion(entry.name, folders, "remove it"))
            elif _is_yaml(entry) and entry.name not in files and not entry.is_dir():
                yield Problem(self.place(entry.name), "is not read", suggestion(entry.name, files, "remove it"))
        for name in folders:
            for entry in self._entries(name):
                if _is_yaml(entry) and entry.suffix != SUFFIX:
                    way_out = f"rename it to '{entry.stem}{SUFFIX}'"
                    yield Problem(self.place(f"{name}/{entry.name}"), "is not read", way_out)

    def _entries(self, name: str) -> list[Path]:
        try:
            return sorted(e for e in (self.path / name).iterdir() if not e.name.startswith("."))
        except FileNotFoundError:
            return []
        except OSError as error:
            problem = Problem(self.place(name), f"cannot be listed ({error.strerror})", "make it a readable folder")
            raise InvalidSettings([problem]) from None


def _inside(folder: Path) -> list[Path]:
    try:
        return [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml")
