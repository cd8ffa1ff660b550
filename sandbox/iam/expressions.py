"""The grammar of the Common Expression Language: what is none of its expressions, no policy takes."""

import re
from dataclasses import dataclass

from sandbox.errors import SandboxError

_TOKEN = re.compile(
    r"""\s*(?:(?P<value>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?|[bBrR]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]{}]))"""
)
_BETWEEN = ("||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%")
_WORDS = ("true", "false", "null", "in")
_MACROS = ("all", "exists", "exists_one", "filter", "map")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Malformed(SandboxError):  # noqa: N818
    """No expression of the language."""


def check(text: str) -> None:
    """Refuse what is no expression; whether it can be evaluated here is another question."""
    grammar = _Grammar(text, _tokens(text))
    try:
        grammar.whole()
    except RecursionError:
        raise Malformed(f"{text[:80]}: is nested too deeply; write it flatter") from None
    if grammar.ahead:
        raise grammar.strange()


def names(text: str) -> set[str]:
    """Each name that an expression takes from outside, with its first member: `resource.name`, `request.time`."""
    tokens = [("", ""), *_tokens(text), ("", ""), ("", "")]
    words = [word for _, word in tokens]
    bound = {words[at + 2] for at, word in enumerate(words) if word in _MACROS and words[at + 1] == "("}
    found = set()
    for at, (kind, word) in enumerate(tokens):
        if kind != "word" or words[at - 1] == "." or words[at + 1] == "(" or word in bound.union(_WORDS):
            continue
        found.add(f"{word}.{words[at + 2]}" if words[at + 1] == "." else word)
    return found


def constant(text: str) -> bool:
    """Is the expression nothing but a text or a number?"""
    return [kind for kind, _ in _tokens(text)] == ["value"]


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise Malformed(f"{text}: nothing begins with '{text[place:].strip()[0]}'; close quotes, mend the sign")
        tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
        place = match.end()
    return tokens


@dataclass
class _Grammar:
    text: str
    tokens: list[tuple[str, str]]
    place: int = 0

    @property
    def ahead(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def strange(self) -> Malformed:
        return Malformed(f"{self.text}: '{self.ahead or 'its end'}' cannot stand there; write a CEL expression")

    def take(self, *wanted: str) -> bool:
        found = self.ahead in wanted and bool(self.ahead)
        self.place += found
        return found

    def demand(self, sign: str) -> None:
        if not self.take(sign):
            raise self.strange()

    def whole(self) -> None:
        self._operand()
        while self.take(*_BETWEEN):
            self._operand()
        if self.take("?"):
            self.whole()
            self.demand(":")
            self.whole()

    def _operand(self) -> None:
        while self.take("!", "-"):
            pass
        kind = self.tokens[self.place][0] if self.ahead else ""
        if kind == "value" or (kind == "word" and self.ahead != "in"):
            self.place += 1
        elif self.take("("):
            self.whole()
            self.demand(")")
        else:
            self._listed("[", "{")
        self._members(called=kind == "word")

    def _members(self, called: bool) -> None:
        while True:
            if self.take("."):
                if self.place == len(self.tokens) or self.tokens[self.place][0] != "word":
                    raise self.strange()
                self.place, called = self.place + 1, True
            elif self.take("["):
                self.whole()
                self.demand("]")
                called = False
            elif called and self.ahead == "(":
                self._listed("(")
                called = False
            else:
                return

    def _listed(self, *openings: str) -> None:
        """What stands in brackets, by commas; maybe nothing."""
        opening = self.ahead
        if not self.take(*openings):
            raise self.strange()
        first = True
        while not self.take(_CLOSING[opening]):
            if not first:
                self.demand(",")
            self.whole()
            if opening == "{":
                self.demand(":")
                self.whole()
            first = False
