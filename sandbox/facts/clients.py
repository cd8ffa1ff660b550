"""What Google's Python clients say that its discovery documents leave out: numbers of enums, results of operations."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_RPC = re.compile(r"^    class _Base(\w+?)\b.*?:$(.*?)(?=^    class |\Z)", re.M | re.S)
_OPTION = re.compile(r'"method": "(\w+)",\s+"uri": "([^"]+)"')
_RESULT = re.compile(r"from_gapic\(\s*response,\s*self\._transport\.operations_client,\s*([\w.]+)")
_DEFINED = re.compile(r"^    def (\w+)\(", re.M)
_FIELD = re.compile(r"\{\w+=([^}]*)\}|\{\w+\}")


@dataclass
class Client:
    """The facts of one client package whose messages belong to one proto package."""

    proto: str
    enums: dict[str, dict[str, int]] = field(default_factory=dict)
    """Path of the class, such as `Repository.Format`, to its members."""
    results: dict[tuple[str, str], str] = field(default_factory=dict)
    """(HTTP method, path with `{}` for its parts) to the message that the operation ends with."""

    @classmethod
    def read(cls, folder: Path, proto: str) -> "Client":
        out = cls(proto)
        for file in sorted((folder / "types").glob("*.py")):
            out.enums |= dict(_enums(ast.parse(file.read_text()), ""))
        for service in sorted((folder / "services").iterdir()):
            if (service / "transports" / "rest_base.py").exists():
                out._learn(service)
        return out

    def _learn(self, service: Path) -> None:
        source = (service / "client.py").read_text()
        starts = [(match.group(1), match.start()) for match in _DEFINED.finditer(source)]
        bodies = {
            name.replace("_", ""): source[start:end]
            for (name, start), (_, end) in zip(starts, [*starts[1:], ("", len(source))], strict=True)
        }
        for rpc, text in _RPC.findall((service / "transports" / "rest_base.py").read_text()):
            found = _RESULT.search(bodies.get(rpc.lower(), ""))
            if found is None:
                continue
            name = found.group(1).rpartition(".")[2]
            message = "google.protobuf.Empty" if name == "Empty" else f"{self.proto}.{name}"
            for http, path in _OPTION.findall(text):
                self.results[http.upper(), shape(_FIELD.sub(_expanded, path))] = message

    def numbers(self, message: str, names: list[str]) -> list[int] | None:
        """The numbers of an enum that a message uses, from the class that fits best; None where none fits."""
        fitting = [
            (len(set(names) & set(members)), path.startswith(f"{message}."), path)
            for path, members in self.enums.items()
        ]
        best = max(fitting, default=(0, False, ""))
        if best[0] * 2 < len(names):
            return None
        members = self.enums[best[2]]
        return [members.get(name, -1) for name in names]


def shape(path: str) -> str:
    """A path template with `{}` for every part that a caller chooses."""
    return re.sub(r"\{[^}]*\}", "{}", path.strip("/"))


def _expanded(match: re.Match[str]) -> str:
    return (match.group(1) or "*").replace("**", "{}").replace("*", "{}")


def _enums(node: ast.AST, path: str) -> Iterator[tuple[str, dict[str, int]]]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ClassDef):
            continue
        name = f"{path}{child.name}"
        if any(isinstance(base, ast.Attribute) and base.attr == "Enum" for base in child.bases):
            yield name, dict(_members(child))
        else:
            yield from _enums(child, f"{name}.")


def _members(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            value = ast.literal_eval(line.value)
            if isinstance(value, int):
                yield line.targets[0].id.removesuffix("_"), value
