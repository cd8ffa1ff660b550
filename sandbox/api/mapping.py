"""Which Terraform type a resource of an API is, and how the names of both become each other."""

import functools
import re
from dataclasses import dataclass
from typing import Any

from sandbox import facts

Values = dict[str, Any]

_PART = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Mapping:
    """One line of the table of types."""

    type_: str
    api: str
    schema: str
    name: str
    id_: str
    rename: dict[str, str]
    default: dict[str, Any]
    text: tuple[str, ...]
    iam: dict[str, str]
    beside: tuple[str, ...]
    nameless: bool

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        return pattern(self.name)

    def attributes(self, name: str) -> Values:
        """What the name of a resource tells about its attributes."""
        found = self.pattern.fullmatch(name)
        return dict(found.groupdict()) if found else {}

    def id_of(self, name: str) -> str:
        """The Terraform id behind a name."""
        held = self.attributes(name)
        if "{" not in self.id_ or any(part not in held for part in _PART.findall(self.id_)):
            return name
        return fill(self.id_, held)

    def name_of(self, id_: str, values: Values) -> str:
        """The name in the API of an existing resource."""
        if self.pattern.fullmatch(id_):
            return id_
        return fill(self.name, {key: _tail(key, values.get(key), self.name) for key in _PART.findall(self.name)})

    @functools.cached_property
    def generated(self) -> bool:
        """Is the last part of the name chosen by Google?"""
        return self.name.endswith("/{}") or self.type_ == "google_cloudbuild_trigger"


def pattern(template: str) -> re.Pattern[str]:
    def part(match: re.Match[str]) -> str:
        inner = ".+" if match.start() == 0 else "[^/]+"
        return f"(?P<{match.group(1)}>{inner})" if match.group(1) else f"(?:{inner})"

    return re.compile(_PART.sub(part, template))


def fill(template: str, values: Values) -> str:
    return _PART.sub(lambda match: str(values.get(match.group(1)) or ""), template)


def _tail(key: str, value: Any, template: str) -> str:
    text = str(value or "")
    return text if template.startswith(f"{{{key}}}") else text.rpartition("/")[2]


@functools.cache
def of_api(api: str) -> list[Mapping]:
    """Every mapped type of an API."""
    out = []
    for type_, line in (facts.table("rest")["types"].get(api) or {}).items():
        id_ = str(facts.table("ids")["ids"].get(type_) or facts.of(type_).get("id", ""))
        id_ = id_ if "|" not in id_ else ""
        out.append(
            Mapping(
                type_,
                api,
                line["schema"],
                line.get("name", id_),
                id_,
                line.get("rename", {}),
                line.get("default", {}),
                tuple(line.get("text", ())),
                line.get("iam", {}),
                tuple(line.get("beside", ())),
                line.get("nameless", False),
            )
        )
    return out


@functools.cache
def _everything() -> dict[str, Mapping]:
    return {line.type_: line for api in facts.table("rest")["types"] for line in of_api(api)}


def of_type(type_: str) -> Mapping | None:
    return _everything().get(type_)


def of_name(api: str, name: str) -> Mapping | None:
    """The mapped type that a resource name belongs to."""
    return next((line for line in of_api(api) if line.pattern.fullmatch(name)), None)


def kind(api: str, name: str) -> str:
    """The collection of a resource that has no Terraform type: `aiplatform:projects/locations/models`."""
    return f"{api}:{'/'.join(name.split('/')[::2])}"


def canonical(api: str, name: str) -> str:
    """The one name of a resource, whatever way an older method spells it."""
    for pattern, replacement in (facts.table("rest")["aliases"].get(api) or {}).items():
        if re.fullmatch(pattern, name):
            return re.sub(pattern, replacement, name)
    return name
