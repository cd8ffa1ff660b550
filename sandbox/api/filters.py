"""List filters: comparisons joined by AND and OR, of which OR binds tighter, as Google's AIP-160 has it."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.api.checking import camel
from sandbox.api.errors import ApiError

Values = dict[str, Any]
Test = Callable[[Values], bool]

_TOKEN = re.compile(r'\s*(\(|\)|AND\b|OR\b|NOT\b|-(?=\w)|[\w./\-@*]+|"(?:[^"\\]|\\.)*"|\'[^\']*\'|!=|<=|>=|[=:<>,])')


def chosen(text: str, found: list[Values]) -> list[Values]:
    """The resources that a filter admits; 400 for one that the sandbox does not understand."""
    if not text.strip():
        return found
    admits = parse(text)
    return [body for body in found if admits(body)]


def parse(text: str) -> Test:
    """A filter as a function."""
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unknown(text)
        tokens.append(match.group(1))
        at = match.end()
    parser = _Parser(tokens, text)
    test = parser.all_of()
    if parser.left:
        raise _unknown(text)
    return test


class _Parser:
    def __init__(self, tokens: list[str], text: str) -> None:
        self.left, self._text = tokens[::-1], text

    def all_of(self) -> Test:
        tests = [self._any_of()]
        while self.left and self.left[-1] != ")":
            self._next("AND")
            tests.append(self._any_of())
        return lambda body: all(test(body) for test in tests)

    def _any_of(self) -> Test:
        tests = [self._one()]
        while self._next("OR"):
            tests.append(self._one())
        return lambda body: any(test(body) for test in tests)

    def _one(self) -> Test:
        if self._next("NOT") or self._next("-"):
            inner = self._one()
            return lambda body: not inner(body)
        if self._next("("):
            inner = self.all_of()
            if not self._next(")"):
                raise _unknown(self._text)
            return inner
        return self._comparison()

    def _comparison(self) -> Test:
        if len(self.left) < 3:
            raise _unknown(self._text)
        field, operator = self.left.pop(), self.left.pop()
        if operator == "(":
            return self._function(field)
        value = _plain(self.left.pop())
        if operator not in _OPERATORS:
            raise _unknown(self._text)
        holds = _OPERATORS[operator]
        return lambda body: holds(_field(body, field), value)

    def _function(self, name: str) -> Test:
        value = _plain(self.left.pop())
        if name not in _FUNCTIONS or not self._next(")"):
            raise _unknown(self._text)
        return lambda body: value in (body.get(_FUNCTIONS[name]) or [])

    def _next(self, token: str) -> bool:
        if self.left and self.left[-1] == token:
            self.left.pop()
            return True
        return False


_FUNCTIONS = {"in_context": "_inContexts", "parent_contexts": "parentContexts"}


def _plain(token: str) -> str:
    return token[1:-1].replace('\\"', '"') if token[0] in "\"'" else token


def _field(body: Values, path: str) -> Any:
    found: Any = body
    for part in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part, found.get(camel(part)))
    return found


def _equal(held: Any, value: str) -> bool:
    if isinstance(held, bool):
        return str(held).lower() == value.lower()
    if isinstance(held, list):
        return any(_equal(item, value) for item in held)
    if held is None:
        return value in ("", "null")
    if "*" in value:
        return re.fullmatch(re.escape(value).replace(r"\*", ".*"), str(held)) is not None
    return str(held) == value or str(held).rpartition("/")[2] == value


def _has(held: Any, value: str) -> bool:
    if value == "*":
        return held is not None
    if isinstance(held, dict | list):
        return value in held
    return _equal(held, value) or (isinstance(held, str) and value.lower() in held.lower())


def _compare(sign: int, equal: bool) -> Callable[[Any, str], bool]:
    def holds(held: Any, value: str) -> bool:
        if held is None:
            return False
        try:
            one, other = float(held), float(value)
        except (TypeError, ValueError):
            one, other = str(held), value  # type: ignore[assignment]
        return (one > other) - (one < other) == sign or (equal and one == other)

    return holds


_OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    "=": _equal,
    ":": _has,
    "!=": lambda held, value: not _equal(held, value),
    ">": _compare(1, False),
    "<": _compare(-1, False),
    ">=": _compare(1, True),
    "<=": _compare(-1, True),
}


def _unknown(text: str) -> ApiError:
    return ApiError(
        400, f"Invalid filter: the sandbox does not understand {text!r}; compare fields, join by AND or OR."
    )
