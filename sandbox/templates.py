"""The small language of the fact tables: attributes in braces, filters that derive what Google would have chosen."""

import base64
import hashlib
import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from sandbox import facts

_FIELD = re.compile(r"\{(\w*)(?:\|(\w+))?\}")
_REGIONAL = re.compile(r"\{+(?:region|location)\}+[-.]")
_ADDRESS = re.compile(r"projects/|folders/|organizations/|https://|//")


class Subject(Protocol):
    """The resource a template is about."""

    type_: str

    def attribute(self, name: str) -> Any: ...
    def project_number(self, project: str) -> int: ...
    def own_number(self) -> int: ...
    def digest(self) -> bytes: ...
    def now(self) -> str: ...
    def related(self, filter_: str, value: str) -> str: ...


class Incomplete(Exception):  # noqa: N818
    """A template names an attribute that has no value."""


def render(template: Any, subject: Subject) -> Any:
    """A string, list or object of templates with all values put in; raises Incomplete when one is missing."""
    if isinstance(template, list):
        return [render(item, subject) for item in template]
    if isinstance(template, dict):
        return {key: render(item, subject) for key, item in template.items()}
    if not isinstance(template, str):
        return template
    return _FIELD.sub(lambda match: _value(match.group(1), match.group(2), subject), template)


def render_id(template: str, subject: Subject) -> str:
    """An id: a path that stands inside another path is shortened to its last segment, as Google's ids are."""

    def value(match: re.Match[str]) -> str:
        found = _value(match.group(1), match.group(2), subject, missing="")
        inside = match.start() > 0 and match.group(1) not in ("role", "member", "tag_value", "object")
        return found.rpartition("/")[2] if inside and _ADDRESS.match(found) else found

    return _FIELD.sub(value, template)


def _value(name: str, filter_: str | None, subject: Subject, missing: str | None = None) -> str:
    if not name:
        return OWN[filter_ or "now"](subject)
    value = subject.attribute(name)
    if value in (None, ""):
        if missing is None:
            raise Incomplete(name)
        return missing
    text = str(value)
    return text if filter_ is None else OF_VALUE[filter_](text, subject)


def last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def agent(service: str, number: int) -> str:
    """The e-mail of the account that a Google service acts with in a project."""
    table = facts.table("service_agents")
    pattern: str = table["agents"].get(service, table["default"])
    return pattern.format(number=number, service=service.partition(".")[0])


def _hex(length: int) -> Callable[[Subject], str]:
    return lambda subject: subject.digest().hex()[:length]


def _address(subject: Subject) -> str:
    one, two, three = subject.digest()[:3]
    return f"10.{one}.{two}.{max(2, min(three, 250))}"


def _gateway(text: str, _: Subject) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False).network_address + 1)
    except ValueError:
        return ""


def _account(text: str) -> str:
    """A service account, given as its e-mail or as its full name, by its full name."""
    project = text.partition("@")[2].partition(".")[0]
    return text if "/" in text else f"projects/{project}/serviceAccounts/{text}"


def _epoch(a_second: int) -> Callable[[Subject], str]:
    return lambda subject: str(int(datetime.fromisoformat(subject.now()).timestamp() * a_second))


def _api(subject: Subject) -> str:
    return _base(subject).removeprefix("https://").partition("/")[0]


def host_of(type_: str) -> str:
    """The host that serves resources of a type, as far as the provider's URLs tell."""
    return _known_base(type_).removeprefix("https://").partition("/")[0]


def _base(subject: Subject) -> str:
    return _known_base(subject.type_) or "https://" + subject.type_.split("_")[1] + ".googleapis.com/v1/"


def _known_base(type_: str) -> str:
    match = re.match(r"\{(\w+)\}", str(facts.of(type_).get("url", "")))
    base: str = facts.provider()["apis"].get(match.group(1) if match else "", "")
    return _REGIONAL.sub("", base)


def _path(subject: Subject) -> str:
    base = _base(subject)
    if "compute" in base:
        base = "https://www.googleapis.com/compute/v1/"
    return base + str(subject.attribute("id"))


OWN: dict[str, Callable[[Subject], str]] = {
    "now": lambda subject: subject.now(),
    "micros": _epoch(1_000_000),
    "millis": _epoch(1_000),
    "number": lambda subject: str(subject.own_number()),
    "uuid": lambda subject: str(uuid.UUID(bytes=subject.digest()[:16], version=4)),
    "hex4": _hex(4),
    "hex6": _hex(6),
    "hex8": _hex(8),
    "hex16": _hex(16),
    "hex32": _hex(32),
    "hex40": _hex(40),
    "digits21": lambda subject: "1" + str(int.from_bytes(subject.digest()[:16])).zfill(20)[:20],
    "b64": lambda subject: base64.b64encode(subject.digest() * 4).decode(),
    "b64short": lambda subject: base64.b64encode(subject.digest()[:8]).decode(),
    "address": _address,
    "api": _api,
    "path": _path,
}

OF_VALUE: dict[str, Callable[[str, Subject], str]] = {
    "last": lambda text, _: last(text),
    "number": lambda text, subject: str(subject.project_number(last(text))),
    "agent": lambda text, subject: agent(text, subject.project_number(last(str(subject.attribute("project"))))),
    "host": lambda text, _: ".".join(reversed(last(text).split(":"))),
    "escaped": lambda text, _: quote(text, safe=""),
    "account": lambda text, _: (
        text if "/" in text else f"projects/{text.partition('@')[2].split('.')[0]}/serviceAccounts/{text}"
    ),
    "slug": lambda text, _: re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"),
    "region": lambda text, _: re.sub(r"-[a-z]$", "", last(text)),
    "gateway": _gateway,
    "canonical": lambda text, subject: subject.related("canonical", text),
    "next": lambda text, subject: subject.related("next", text),
    "namespace": lambda text, subject: subject.related("namespace", text),
}


def digest_of(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
