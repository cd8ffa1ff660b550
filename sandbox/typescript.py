"""Reads the schema of one Terraform type out of the TypeScript that CDKTF generated for it."""

import re
from dataclasses import dataclass, field
from typing import Any

_CLASS = re.compile(
    r"^export class (\w+) extends cdkt[fn]\."
    r"(TerraformResource|TerraformDataSource|TerraformEphemeralResource|TerraformProvider|ComplexObject|ComplexList)\b",
    re.M,
)
_ATTRIBUTE = re.compile(
    r"// (\S+) - computed: (true|false), optional: (true|false), required: (true|false)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n"
)
_HCL = re.compile(
    r'^\s+(\w+|"[^"]+"): \{\n\s+value: [^\n]*\n\s+isBlock: (\w+),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"',
    re.M,
)
_NEW = re.compile(r'new (cdkt[fn]\.)?(\w+)\(this, "([^"]+)"(?:, (true|false))?')

_GETTERS: dict[str, Any] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
}
_MAPS: dict[str, Any] = {
    "StringMap": ["map", "string"],
    "NumberMap": ["map", "number"],
    "BooleanMap": ["map", "bool"],
    "AnyMap": ["map", "dynamic"],
    "StringMapList": ["list", ["map", "string"]],
}
_DECLARED: dict[str, Any] = {
    "string": "string",
    "number": "number",
    "boolean | cdktf.IResolvable": "bool",
    "boolean | cdktn.IResolvable": "bool",
    "string[]": ["list", "string"],
    "{ [key: string]: string }": ["map", "string"],
}
_DEPTH = 2  # some types nest in themselves


@dataclass
class Leaf:
    """An attribute: its Terraform type and who sets it."""

    type_: Any
    required: bool = False
    optional: bool = False
    computed: bool = False


@dataclass
class Nested:
    """A nested block: how often it may stand there, and what is in it."""

    mode: str
    body: "Body"
    low: int = 0
    high: int = 0


@dataclass
class Body:
    attributes: dict[str, Leaf] = field(default_factory=dict)
    blocks: dict[str, Nested] = field(default_factory=dict)


@dataclass
class _Raw:
    computed: bool
    optional: bool
    required: bool
    type_: Any = None
    reference: str = ""
    set_: bool = False
    struct: str = ""


class Module:
    """One binding module: one resource, data source or the provider itself."""

    def __init__(self, source: str) -> None:
        self._source = source
        heads = [(match.start(), match.group(1), match.group(2)) for match in _CLASS.finditer(source)]
        ends = [head[0] for head in heads[1:]] + [len(source)]
        self._classes = {name: (kind, source[start:end]) for (start, name, kind), end in zip(heads, ends, strict=True)}
        self._functions = {
            match.group(1): source[match.start() : source.find("\n}\n", match.start())]
            for match in re.finditer(r"^export function (\w+)ToHclTerraform\(", source, re.M)
        }

    def parse(self) -> tuple[str, str, Body]:
        """(kind of Terraform object, its type, its schema)"""
        ((name, (kind, body)),) = [item for item in self._classes.items() if item[1][0].startswith("Terraform")]
        match = re.search(r'tfResourceType = "([\w-]+)"', body)
        return kind, match.group(1) if match else "", self._body(name)

    def _attributes(self, class_: str) -> dict[str, _Raw]:
        kind, body = self._classes[class_]
        out = {}
        for match in _ATTRIBUTE.finditer(body):
            name, computed, optional, required, *lines = match.groups()
            raw = out[name] = _Raw(computed == "true", optional == "true", required == "true")
            new = _NEW.search(lines[0])
            if new and new.group(1):
                raw.type_ = _MAPS.get(new.group(2), "dynamic")
            elif new:
                raw.reference, raw.set_ = new.group(2), new.group(4) == "true"
            else:
                _plain(raw, kind, lines)
        return out

    def _hcl(self, class_: str) -> dict[str, tuple[bool, str, str]]:
        """attribute -> (is it a block, kind of collection, class of its storage)"""
        kind, body = self._classes[class_]
        if kind.startswith("Terraform"):
            start = body.find("synthesizeHclAttributes")
            segment = body[start:] if start >= 0 else ""
        else:
            struct = class_.removesuffix("OutputReference")
            segment = self._functions.get(struct[0].lower() + struct[1:], "")
        return {
            match.group(1).strip('"'): (match.group(2) == "true", match.group(3), match.group(4))
            for match in _HCL.finditer(segment)
        }

    def _element(self, reference: str) -> tuple[str, bool]:
        """(class of the elements, is there at most one)"""
        if reference.endswith("List") and self._classes.get(reference, ("", ""))[0] == "ComplexList":
            return reference[:-4] + "OutputReference", False
        return reference, True

    def _object(self, class_: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        if seen.count(class_) > _DEPTH:
            return {}
        out: dict[str, Any] = {}
        for name, raw in self._attributes(class_).items():
            if raw.reference:
                nested, _ = self._element(raw.reference)
                out[name] = ["set" if raw.set_ else "list", ["object", self._object(nested, (*seen, class_))]]
            else:
                out[name] = raw.type_
        return out

    def _body(self, class_: str, seen: tuple[str, ...] = ()) -> Body:
        out = Body()
        if seen.count(class_) > _DEPTH:
            return out
        hcl = self._hcl(class_)
        for name, raw in self._attributes(class_).items():
            if raw.struct:
                out.blocks[name] = Nested("list", self._struct(raw.struct), high=1)
            elif raw.reference:
                self._nest(out, name, raw, hcl.get(name, (False, "list", "")), (*seen, class_))
            else:
                out.attributes[name] = Leaf(raw.type_, raw.required, raw.optional, raw.computed)
        return out

    def _nest(self, out: Body, name: str, raw: _Raw, hcl: tuple[bool, str, str], seen: tuple[str, ...]) -> None:
        is_block, collection, _ = hcl
        nested, single = self._element(raw.reference)
        mode = "set" if raw.set_ or collection == "set" else "list"
        if is_block and collection == "struct":
            out.blocks[name] = Nested("single", self._body(nested, seen))
        elif is_block and not raw.computed:
            out.blocks[name] = Nested(mode, self._body(nested, seen), int(raw.required), int(single))
        else:  # optional and computed: an attribute that holds objects, not a block
            type_ = [mode, ["object", self._object(nested)]]
            out.attributes[name] = Leaf(type_, raw.required, raw.optional, raw.computed)

    def _struct(self, struct: str) -> Body:
        """Blocks of the provider configuration have an interface, but no class."""
        segment = self._functions.get(struct[0].lower() + struct[1:], "")
        interface = re.search(r"export interface " + struct + r" \{(.*?)\n\}", self._source, re.S)
        declared = interface.group(1) if interface else ""
        required = set(re.findall(r"#(\w+) \w+#\w+\}\n\s+\*/\n\s+readonly \w+:", declared))
        types = {"string": "string", "boolean": "bool", "number": "number"}
        return Body(
            {
                match.group(1).strip('"'): Leaf(
                    types[match.group(4)],
                    match.group(1).strip('"') in required,
                    match.group(1).strip('"') not in required,
                )
                for match in _HCL.finditer(segment)
            }
        )


def _plain(raw: _Raw, kind: str, lines: list[str]) -> None:
    getter_line = lines[1] if "public get" in lines[0] else lines[2]
    getter = re.search(r"this\.(\w+)\('", getter_line)
    declared = re.search(r"\?: (.*?);", lines[0])
    if kind == "TerraformProvider" and declared:
        raw.type_ = _DECLARED.get(declared.group(1))
        if raw.type_ is None:
            raw.struct = declared.group(1).split(" |")[0].rstrip("[]")
    elif getter and getter.group(1) in _GETTERS:
        raw.type_ = _GETTERS[getter.group(1)]
        if "tolist(" in getter_line:  # sets are read through tolist()
            raw.type_ = ["set", raw.type_[1]]
    elif declared and declared.group(1) in _DECLARED:
        raw.type_ = _DECLARED[declared.group(1)]  # write-only: there is nothing to get
    else:
        raw.type_ = "dynamic"
