"""IAM conditions: the part of the Common Expression Language that is understood here. Anything else is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sandbox.errors import SandboxError

Context = Mapping[str, Any]
Term = Callable[[Context], Any]


class NotUnderstood(SandboxError):  # noqa: N818
    """An expression outside the understood part of the language."""


_TOKEN = re.compile(
    r"""\s*(?:(\d+)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[<>!().,\[\]]))"""
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "in": lambda a, b: a in b,
}
_METHODS: dict[str, Callable[..., Any]] = {
    "startsWith": lambda text, start: text.startswith(start),
    "endsWith": lambda text, end: text.endswith(end),
    "contains": lambda text, part: part in text,
    "hasOnly": lambda held, allowed: set(held) <= set(allowed),
}


TAGS: dict[str, Callable[..., bool]] = {
    "matchTag": lambda tags, key, value: any((tag.key, tag.value) == (key, value) for tag in tags),
    "matchTagId": lambda tags, key, value: any((tag.key_id, tag.value_id) == (key, value) for tag in tags),
    "hasTagKey": lambda tags, key: any(tag.key == key for tag in tags),
    "hasTagKeyId": lambda tags, key: any(tag.key_id == key for tag in tags),
}


def holds(expression: str, context: Context) -> bool:
    """Whether a condition is met; raises NotUnderstood where that cannot be told."""
    try:
        found = _parsed(expression)(context)
    except (TypeError, KeyError, AttributeError, ValueError, RecursionError) as error:
        raise NotUnderstood(f"{expression}: cannot be evaluated here ({error}); give its attributes") from None
    if not isinstance(found, bool):
        raise NotUnderstood(f"{expression}: is not a yes or a no; compare it with something")
    return found


@cache
def _parsed(expression: str) -> Term:
    parser = _Parser(expression, _tokens(expression))
    try:
        term = parser.either()
    except (ValueError, IndexError, RecursionError):
        raise parser.refused() from None
    if parser.ahead is not None:
        raise parser.refused()
    return term


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = expression.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if not match:
            raise NotUnderstood(f"{expression}: '{text[place]}' is not understood here; write it in simpler terms")
        kind = ("number", "text", "word", "sign")[(match.lastindex or 1) - 1]
        found.append((kind, match[match.lastindex or 0]))
        place = match.end()
    return found


@dataclass
class _Parser:
    expression: str
    tokens: list[tuple[str, str]]
    place: int = 0

    @property
    def ahead(self) -> str | None:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else None

    def refused(self) -> NotUnderstood:
        return NotUnderstood(
            f"{self.expression}: '{self.ahead or 'its end'}' is not understood here; write it in simpler terms"
        )

    def take(self, *wanted: str) -> str:
        if self.ahead not in wanted:
            raise self.refused()
        self.place += 1
        return self.tokens[self.place - 1][1]

    def either(self) -> Term:
        terms = [self.both()]
        while self.ahead == "||":
            self.take("||")
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else lambda c: any(term(c) for term in terms)

    def both(self) -> Term:
        terms = [self.comparison()]
        while self.ahead == "&&":
            self.take("&&")
            terms.append(self.comparison())
        return terms[0] if len(terms) == 1 else lambda c: all(term(c) for term in terms)

    def comparison(self) -> Term:
        if self.ahead == "!":
            self.take("!")
            term = self.comparison()
            return lambda c: not term(c)
        left = self.chain()
        if self.ahead not in _COMPARISONS:
            return left
        compare, right = _COMPARISONS[self.take(*_COMPARISONS)], self.chain()
        return lambda c: compare(left(c), right(c))

    def chain(self) -> Term:
        term = self.single()
        while self.ahead == ".":
            self.take(".")
            if self.ahead not in _METHODS:
                raise self.refused()
            term = self._method(term, _METHODS[self.take(*_METHODS)], self.arguments("(", ")"))
        return term

    @staticmethod
    def _method(term: Term, method: Callable[..., Any], arguments: list[Term]) -> Term:
        return lambda c: method(term(c), *(argument(c) for argument in arguments))

    def single(self) -> Term:
        if self.ahead is None:
            raise self.refused()
        kind, text = self.tokens[self.place]
        if text == "(":
            self.take("(")
            term = self.either()
            self.take(")")
            return term
        if text == "[":
            items = self.arguments("[", "]")
            return lambda c: [item(c) for item in items]
        self.place += 1
        if kind == "number":
            return lambda _: int(text)
        if kind == "text":
            return lambda _: re.sub(r"\\(.)", r"\1", text[1:-1])
        return self.named(text)

    def named(self, word: str) -> Term:
        if word in ("true", "false"):
            return lambda _: word == "true"
        if word == "timestamp":
            (moment,) = self.arguments("(", ")")
            return lambda c: datetime.fromisoformat(moment(c).replace("Z", "+00:00"))
        if word in ("resource", "request", "principal"):
            self.take(".")
            if word == "resource" and self.ahead in TAGS:
                method = TAGS[self.take(*TAGS)]
                arguments = self.arguments("(", ")")
                return lambda c: method(c["resource.tags"], *(argument(c) for argument in arguments))
            self.place += 1
            path = f"{word}.{self.tokens[self.place - 1][1]}" if self.place <= len(self.tokens) else word
            if path not in ATTRIBUTES:
                self.place -= 1
                raise self.refused()
            return lambda c: c[path]
        if word == "api":
            self.take(".")
            self.take("getAttribute")
            name, default = self.arguments("(", ")")
            return lambda c: c.get("api", {}).get(name(c), default(c))
        self.place -= 1
        raise self.refused()

    def arguments(self, opening: str, closing: str) -> list[Term]:
        self.take(opening)
        found = []
        while self.ahead != closing:
            found.append(self.either())
            if self.ahead != closing:
                self.take(",")
        self.take(closing)
        return found


ATTRIBUTES = (
    "resource.name",
    "resource.service",
    "resource.type",
    "request.time",
    "principal.type",
    "principal.subject",
)


def context_of(principal: str, resource: str, given: Context) -> dict[str, Any]:
    """The attributes of one request; what `given` says wins. The type of a resource is known only where given."""
    host, _, path = resource[2:].partition("/")
    kind, _, subject = principal.partition(":")
    own = {
        "resource.name": path,
        "resource.service": host,
        "request.time": datetime.now(UTC),
        "principal.type": {"user": "iam.googleapis.com/WorkspaceIdentity"}.get(
            kind, "iam.googleapis.com/ServiceAccount"
        ),
        "principal.subject": subject,
    }
    return own | dict(given)
