"""Reads the declarative part of Go source: composite literals, calls of named functions, constants."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/)|(?P<raw>`[^`]*`)|(?P<text>"(?:\\.|[^"\\])*")|(?P<rune>'(?:\\.|[^'\\])+')"""
    r"""|(?P<number>\d[\w.]*)|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<mark>\.\.\.|:=|.)""",
    re.S,
)
_FUNCTION = re.compile(
    r"^func (?:\(\w+ \*?(?P<owner>\w+)\) )?(?P<name>\w+)\(.*?\n}$(?=\s*(?:^(?:func|var|type|const|//)|\Z))", re.M | re.S
)
_VARIABLE = re.compile(
    r"^(?:var|const) (?P<name>\w+)(?: [\w.\[\]*]+)? = (?P<value>.*?)(?=\n(?:var|func|const|type|//|\n))", re.M | re.S
)
_BIG_VARIABLE = re.compile(r"^var (?P<name>\w+)(?: [\w.\[\]*]+)? = (?P<value>[^\n]*\{\n.*?\n\})$", re.M | re.S)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


@dataclass
class Literal:
    """A composite literal: `type_{key: value, ...}` or `type_{value, ...}`."""

    type_: str
    fields: dict[str, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)


@dataclass
class Call:
    function: str
    arguments: list[Any]


@dataclass(frozen=True)
class Name:
    text: str


class Unreadable(Exception):  # noqa: N818
    """The source says something that is not declarative."""


def tokens(source: str) -> list[Token]:
    out = []
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup or ""
        if kind != "skip":
            out.append(Token(kind, match.group()))
    return out


class Reader:
    """Reads one expression at a time from a list of tokens."""

    def __init__(self, source: list[Token], position: int = 0) -> None:
        self.source, self.position = source, position

    def peek(self, ahead: int = 0) -> str:
        where = self.position + ahead
        return self.source[where].text if where < len(self.source) else ""

    def take(self) -> Token:
        if self.position >= len(self.source):
            raise Unreadable("end of source")
        self.position += 1
        return self.source[self.position - 1]

    def skip(self) -> None:
        """Move past whatever stands here, up to the comma or bracket that ends it."""
        depth = 0
        while self.position < len(self.source):
            text = self.peek()
            if depth == 0 and text in (",", ")", "}", "]"):
                return
            depth += (text in ("(", "{", "[")) - (text in (")", "}", "]"))
            self.position += 1

    def value(self) -> Any:
        start = self.position
        out = self._operand()
        while self.peek() == "+":
            self.take()
            right = self._operand()
            out = out + right if isinstance(out, str) and isinstance(right, str) else Name("+")
        if self.peek() not in (",", ")", "}", "]", "", ":") and self.position > start:
            here = self.position
            self.skip()
            if self.position > here and not isinstance(out, Literal | Call | str | bool | int | float):
                out = Name("?")
        return out

    def _operand(self) -> Any:  # noqa: PLR0911
        token = self.take()
        match token.kind, token.text:
            case "mark", "&" | "*":
                return self._operand()
            case "mark", "-":
                number = self._operand()
                return -number if isinstance(number, int | float) else number
            case "mark", "{":
                return self._body("")
            case "mark", "[":
                return self._collection("[")
            case "raw", text:
                return text[1:-1]
            case "text", text:
                return text[1:-1].replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
            case "number", text:
                return _number(text)
            case "name", "map":
                return self._collection("map")
            case "name", "func":
                self.skip()
                return Name("func")
            case "name", "true" | "false":
                return token.text == "true"
            case "name", "nil":
                return None
            case "name", text:
                return self._named(text)
        self.skip()
        return Name("?")

    def _collection(self, start: str) -> Any:
        while self.peek() != "{":
            if self.peek() in ("", ",", ";"):
                raise Unreadable(start)
            start += self.take().text
        self.take()
        return self._body(start)

    def _named(self, text: str) -> Any:
        if self.peek() == "{":
            self.take()
            return self._body(text)
        if self.peek() == "(":
            self.take()
            call = Call(text, list(self._elements(")")))
            if self.peek() == "." and self.peek(1):
                self.skip()
            return call
        return Name(text)

    def _elements(self, end: str) -> Iterator[Any]:
        while self.peek() != end:
            if not self.peek():
                raise Unreadable("open bracket")
            before = self.position
            yield self.value()
            if self.peek() == ",":
                self.take()
            if self.position == before:
                raise Unreadable(self.peek())
        self.take()

    def _body(self, type_: str) -> Literal:
        out = Literal(type_)
        while self.peek() != "}":
            before = self.position
            key = self.value()
            if self.peek() == ":":
                self.take()
                out.fields[key.text if isinstance(key, Name) else str(key)] = self.value()
            else:
                out.items.append(key)
            if self.peek() == ",":
                self.take()
            if self.position == before:
                raise Unreadable(self.peek())
        self.take()
        return out


class Package:
    """The functions and variables of one folder of Go files."""

    def __init__(self, folder: Path) -> None:
        self.functions: dict[str, str] = {}
        self.methods: dict[tuple[str, str], str] = {}
        self.variables: dict[str, str] = {}
        for file in sorted(folder.glob("*.go")):
            if file.name.endswith(("_test.go", "_sweeper.go")):
                continue
            source = file.read_text()
            for match in _FUNCTION.finditer(source):
                if match["owner"]:
                    self.methods[match["owner"], match["name"]] = match.group()
                else:
                    self.functions[match["name"]] = match.group()
            for pattern in (_VARIABLE, _BIG_VARIABLE):
                for match in pattern.finditer(source):
                    self.variables[match["name"]] = match["value"]


def read(source: str) -> Any:
    return Reader(tokens(source)).value()


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return 0
