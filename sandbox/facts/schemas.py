"""Finds the schema of a resource in the provider's Go packages and lists what it says about every attribute."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.facts.golang import Call, Literal, Name, Package, Unreadable, read

_RETURNED = re.compile(
    r"\breturn (&?schema\.Resource\{.*|map\[string\]\*schema\.Schema\{.*|\w+\n}$|Resource\w+\(.*)", re.S
)
_ADDED = re.compile(r'^\t(\w+)(?:\.Schema)?\["(\w+)"\] = ', re.M)


@dataclass
class Facts:
    """What the provider says about one type; paths join nested names with dots."""

    replace: list[str] = field(default_factory=list)
    settable: list[str] = field(default_factory=list)
    default: dict[str, Any] = field(default_factory=dict)
    sensitive: list[str] = field(default_factory=list)
    items: dict[str, list[int]] = field(default_factory=dict)
    computed: list[str] = field(default_factory=list)
    write_only: list[str] = field(default_factory=list)
    allowed: dict[str, list[str]] = field(default_factory=dict)


class Source:
    """The packages of a provider checkout, read when needed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._packages: dict[str, Package] = {}
        self._given: tuple[str, Any] = ("", None)
        self._folders = {folder.name: folder for folder in sorted((root / "services").iterdir()) if folder.is_dir()}
        self._folders |= {
            name: root / name for name in ("tpgresource", "tpgiamresource", "tpgdclresource", "transport")
        }

    def package(self, name: str) -> Package:
        if name not in self._packages:
            self._packages[name] = Package(self._folders[name])
        return self._packages[name]

    def locate(self, package: str, reference: str) -> tuple[str, str]:
        """`reference` as written in `package` -> (package, name)."""
        owner, dot, name = reference.rpartition(".")
        return (owner, name) if dot and owner in self._folders else (package, name)

    def give(self, package: str, arguments: list[Any]) -> None:
        """Remember the schema that a call passes to a function as its `parentSpecificSchema`."""
        for argument in arguments:
            if isinstance(argument, Name) and argument.text.endswith("Schema"):
                self._given = (package, argument)

    def resource(self, package: str, reference: str) -> dict[str, Any]:
        """The schema map of a resource function, by attribute name."""
        package, name = self.locate(package, reference)
        return self.schema_map(package, self.function(package, name))

    def function(self, package: str, name: str) -> Any:
        """What a function that builds a schema returns, additions to it included."""
        source = self.package(package).functions.get(name)
        if source is None:
            raise Unreadable(f"{package}.{name}")
        match = _RETURNED.search(source)
        if match is None:
            raise Unreadable(f"{package}.{name}: no return")
        text = match.group(1)
        if text.startswith("Resource"):
            return read(text)
        if not text.startswith(("&", "schema.", "map[")):
            variable = text.split("\n")[0].strip()
            assigned = re.search(rf"^\t{variable} :?= ", source, re.M)
            if assigned is None:
                raise Unreadable(f"{package}.{name}: {variable}")
            text = source[assigned.end() :]
        out = read(text)
        for added in _ADDED.finditer(source):
            fields = self.schema_map(package, out)
            fields[added.group(2)] = read(source[added.end() :])
            out = Literal("map[string]*schema.Schema", fields)
        return out

    def schema_map(self, package: str, node: Any) -> dict[str, Any]:
        """Whatever stands where a schema map or a schema.Resource is expected, by attribute name."""
        match node:
            case Literal(type_="schema.Resource"):
                return self.schema_map(package, node.fields.get("Schema"))
            case Literal():
                return {
                    name: value if isinstance(value, tuple) else (package, value) for name, value in node.fields.items()
                }
            case Call(function=function, arguments=arguments) if function.endswith("MergeSchemas"):
                return {name: value for part in arguments for name, value in self.schema_map(package, part).items()}
            case Call(function=function, arguments=arguments):
                self.give(package, arguments)
                return self.resource(package, function)
            case Name(text="parentSpecificSchema"):
                return self.schema_map(*self._given)
            case Name(text=text):
                owner, name = self.locate(package, text)
                variables = self.package(owner).variables
                if name in variables:
                    return self.schema_map(owner, read(variables[name]))
        raise Unreadable(f"{package}: {node}")

    def attribute(self, package: str, node: Any) -> Literal | None:
        if isinstance(node, tuple):
            package, node = node
        match node:
            case Literal():
                return node
            case Call(function=function) if function not in ("new", "make"):
                owner, name = self.locate(package, function)
                out = self.function_value(owner, name)
                return out if isinstance(out, Literal) else None
            case Name(text=text):
                owner, name = self.locate(package, text)
                value = self.package(owner).variables.get(name)
                out = read(value) if value else None
                return out if isinstance(out, Literal) else None
        return None

    def function_value(self, package: str, name: str) -> Any:
        source = self.package(package).functions.get(name, "")
        match = re.search(r"\breturn (&?schema\.\w+\{.*)", source, re.S)
        return read(match.group(1)) if match else None


def walk(source: Source, schema: dict[str, Any], facts: Facts, prefix: str = "", depth: int = 0) -> Facts:
    """Collect the facts of a schema map into `facts`."""
    for name, node in schema.items():
        package = node[0] if isinstance(node, tuple) else ""
        literal = source.attribute(package, node)
        if literal is None or depth > 12:
            continue
        path, said = prefix + name, literal.fields
        nested = _nested(said)
        _note(facts, path, said, nested is not None)
        if nested is not None:
            try:
                inner = source.schema_map(package, nested)
            except Unreadable:
                continue
            walk(source, inner, facts, path + ".", depth + 1)
    return facts


def _nested(said: dict[str, Any]) -> Any:
    element = said.get("Elem")
    if isinstance(element, Literal) and element.type_ == "schema.Resource":
        return element
    return element if isinstance(element, Call) else None


def _note(facts: Facts, path: str, said: dict[str, Any], block: bool) -> None:
    optional, computed = said.get("Optional") is True, said.get("Computed") is True
    if optional or said.get("Required") is True:
        facts.settable.append(path)
        if said.get("ForceNew") is True:
            facts.replace.append(path)
    if isinstance(said.get("Default"), str | int | float | bool):
        facts.default[path] = said["Default"]
    if said.get("Sensitive") is True:
        facts.sensitive.append(path)
    if said.get("WriteOnly") is True:
        facts.write_only.append(path)
    if allowed := _allowed(said.get("ValidateFunc")):
        facts.allowed[path] = allowed
    if block and optional and computed:
        facts.computed.append(path)
    low, high = said.get("MinItems", 0), said.get("MaxItems", 0)
    if isinstance(low, int) and isinstance(high, int) and (low > 1 or high > 1):
        facts.items[path] = [low, high]


def _allowed(validation: Any) -> list[str]:
    """The values a validation admits, when it is a list of them."""
    match validation:
        case Call(function="verify.ValidateEnum" | "validation.StringInSlice", arguments=[Literal(items=items), *rest]):
            if rest in ([], [False]) and all(isinstance(item, str) for item in items):
                return [item for item in items if item]
    return []


def registered(source: str) -> Iterator[tuple[str, Any]]:
    """(type, expression) of every resource a provider file registers."""
    for match in re.finditer(r'^\t"(google_\w+)":\s+(.*),$', source, re.M):
        yield match.group(1), read(match.group(2))
