"""What Google fills in when a resource is made: ids, numbers, addresses, times, e-mails."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sandbox import facts
from sandbox.blocks import Attribute, Block, NestedBlock
from sandbox.codec import UNKNOWN, unknown
from sandbox.configuration import Configuration
from sandbox.store import Store
from sandbox.templates import Incomplete, digest_of, last, render, render_id

Values = dict[str, Any]

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_CONFIGURED_ONLY = ("project", "region", "zone")


class Completion:
    """Replaces every unknown of one resource; the same inputs give the same values, times apart.

    `salt` tells apart resources that Google lets exist twice with the same configuration.
    """

    def __init__(
        self, type_: str, block: Block, values: Values, store: Store, settings: Configuration, salt: int = 0
    ) -> None:
        self.type_ = type_
        self._block, self._values, self._store, self._settings, self._salt = block, values, store, settings, salt
        self._known: dict[str, Any] = {}
        self._busy: set[str] = set()
        self._now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._table: dict[str, Any] = facts.table("values")["types"].get(type_) or {}
        self._key = json.dumps(
            [(name, v) for name, a in block.attributes.items() if a.settable and isinstance(v := values.get(name), str)]
        )
        if "{|" in self._id_template():  # told apart by what is inside them alone
            self._key += json.dumps([values.get(name) for name in block.nested], default=lambda unknown_value: None)

    def complete(self) -> Values:
        """All values, none unknown."""
        out: Values = {name: self.attribute(name) for name in self._block.attributes}
        for name, nested in self._block.nested.items():
            out[name] = self._nested(nested, self._values.get(name))
        return out

    def attribute(self, name: str) -> Any:
        """The value of a top-level attribute; None for one that does not exist."""
        if name in self._known:
            return self._known[name]
        attribute = self._block.attributes.get(name)
        if attribute is None or name in self._busy:
            return self._settings.default(name) if attribute is None else None
        value = self._values.get(name)
        if unknown(value):
            self._busy.add(name)
            value = self._decide(attribute)
            self._busy.discard(name)
        self._known[name] = value = self._settle(value, attribute.type_)
        return value

    def project_number(self, project: str) -> int:
        return int(project) if project.isdigit() else self._store.number("project", project)

    def own_number(self) -> int:
        return self._store.number(self.type_, f"{self._key}{self._salt or ''}")

    def digest(self) -> bytes:
        return digest_of(self.type_, self._key, str(self._salt))

    def now(self) -> str:
        return self._now

    def related(self, filter_: str, value: str) -> str:
        """What a template needs to know about another resource."""
        if filter_ == "canonical":
            match = re.fullmatch(r"projects/([^/]+)/(.*)", value)
            return f"projects/{self.project_number(match.group(1))}/{match.group(2)}" if match else value
        if filter_ == "next":
            taken = [
                int(values["version"])
                for _, values in self._store.find(self.type_)
                if values["secret"] == value and str(values["version"]).isdigit()
            ]
            return str(max(taken, default=0) + 1 + self._salt)
        parent = self._store.get("google_tags_tag_key", f"tagKeys/{last(value)}")
        return str(parent["namespaced_name"]) if parent else last(value)

    def identity(self) -> str:
        """The id of the resource."""
        out = render_id(self._id_template(), self)
        for condition in self._values.get("condition") or []:
            if self.type_.endswith(("_iam_member", "_iam_binding")):
                parts = (condition.get("title"), condition.get("description"), condition.get("expression"))
                out += "/" + "/".join(part or "" for part in parts)
        return out

    def _id_template(self) -> str:
        known = facts.table("ids")["ids"].get(self.type_) or facts.of(self.type_).get("id")
        if known:
            return str(known)
        required = [name for name, attribute in self._block.attributes.items() if attribute.required]
        return "/".join(f"{{{name}}}" for name in required or ["project"])

    def _decide(self, attribute: Attribute) -> Any:
        name, table = attribute.path, self._table
        if name in _CONFIGURED_ONLY and (given := self._settings.default(name)):
            return given
        if name in table:
            return self._render(table[name], "")
        if name == "id":
            return self.identity()
        if name == "name" and attribute.type_ == "string":
            return self._name()
        return self._guess(attribute)

    def _name(self) -> str:
        """The name Google generates: after a prefix, inside a collection, or simply the id."""
        prefix = self.attribute("name_prefix")
        if prefix:
            return f"{prefix}{self.own_number()}"
        line = facts.of(self.type_)
        template, url = line.get("id", ""), line.get("url", "")
        if template == "{name}" and url:
            collection = re.sub(r"^\{\w+\}(?:v\d\w*/)?", "", url)
            return f"{render_id(collection, self)}/{self.own_number()}"
        if "{name}" in template or not template:
            return str(self.own_number())
        return str(self.attribute("id"))

    def _guess(self, attribute: Attribute) -> Any:
        type_, name = attribute.type_, attribute.name
        if isinstance(type_, list):
            return {} if type_[0] in ("map", "object") else []
        if type_ == "bool":
            return False
        if attribute.allowed:
            return next((value for value in attribute.allowed if value and "UNSPECIFIED" not in value), "")
        word = "" if attribute.optional else f"{name.replace('_', '-')}-{self.digest().hex()[:6]}"
        return self._render(_rule(name), word)

    def _render(self, template: Any, otherwise: str) -> Any:
        if template is None:
            return otherwise
        try:
            return render(template, self)
        except Incomplete:
            return ""

    def _nested(self, nested: NestedBlock, value: Any) -> Any:
        if unknown(value):
            value = [dict.fromkeys(nested.block.attributes, UNKNOWN) | {name: [] for name in nested.block.nested}]
            value = self._render(self._table.get(nested.path), "") or [self._blank(nested, item) for item in value]
            value = [{**dict.fromkeys(nested.block.attributes), **item} for item in value]
        if isinstance(value, list):
            return [self._inside(nested, item) for item in value]
        return self._inside(nested, value) if isinstance(value, dict) else value

    def _blank(self, nested: NestedBlock, item: Values) -> Values:
        """A block nobody configured: defaults, and what Google decides."""
        for name, attribute in nested.block.attributes.items():
            item[name] = attribute.default if not attribute.computed else UNKNOWN
        return item

    def _inside(self, nested: NestedBlock, item: Values) -> Values:
        out = dict(item)
        for name, attribute in nested.block.attributes.items():
            value = item.get(name)
            if unknown(value):
                known = self._table.get(attribute.path)
                value = self._guess(attribute) if known is None else self._render(known, "")
            out[name] = self._settle(value, attribute.type_)
        for name, inner in nested.block.nested.items():
            out[name] = self._nested(inner, item.get(name, []))
        return out

    def _settle(self, value: Any, type_: Any) -> Any:
        """Make `value` what its type demands, also inside collections."""
        if value is None or not isinstance(type_, list):
            return _scalar(value, type_)
        kind, inner = type_
        if unknown(value):
            return {} if kind in ("map", "object") else []
        if kind == "object":
            return {key: self._settle(value.get(key), part) for key, part in inner.items()}
        if kind == "map":
            return {key: self._settle(item, inner) for key, item in value.items()}
        return [self._settle(item, inner) for item in value]


def _scalar(value: Any, type_: Any) -> Any:
    if unknown(value):
        return {"string": "", "number": 0, "bool": False}.get(type_)
    if type_ == "number" and isinstance(value, str):
        # Terraform sends what no float holds exactly, 0.9 for one, as text; a float in its place would be a difference.
        return int(value) if value.isdigit() else value if _NUMBER.fullmatch(value) else 0
    if type_ == "bool" and isinstance(value, str):
        return value == "true"
    return str(value) if type_ == "string" and isinstance(value, int) else value


def _rule(name: str) -> Any:
    table = facts.table("values")
    if name in table["names"]:
        return table["names"][name]
    return next((template for ending, template in table["endings"] if name.endswith(ending)), None)
