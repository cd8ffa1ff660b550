"""A picture as an input of a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from settings.problems import InvalidSettings, Problem

PICTURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n", b""),
    "image/jpeg": (b"\xff\xd8\xff", b""),
    "image/webp": (b"RIFF", b"WEBP"),
}
"""How the bytes of a picture that models read begin, and what stands four bytes after that."""
MOST = 7_000_000
"""Bytes of a picture that is sent inside of a request."""


@dataclass(frozen=True)
class Image:
    """A picture that the model is shown beside the text, which calls it by the name of its input."""

    name: str
    mime: str
    data: bytes

    def __str__(self) -> str:
        return f"[{self.name}] {self.mime}"

    @classmethod
    def read(cls, path: Path, name: str) -> Image:
        """The picture of a file for the input of a name. Raises InvalidSettings for one that models cannot read."""
        try:
            with path.open("rb") as file:
                data = file.read(MOST + 1)
        except OSError as error:
            problem = Problem(str(path), f"cannot be read ({error.strerror})", "correct the name")
            raise InvalidSettings([problem]) from None
        mime = next((it for it, (first, then) in PICTURES.items() if _begins(data, first, then)), None)
        if mime is None:
            raise InvalidSettings(
                [Problem(str(path), "is no picture that models read", f"choose of {', '.join(PICTURES)}")]
            )
        if len(data) > MOST:
            raise InvalidSettings([Problem(str(path), f"has more than {MOST} bytes", "make the picture smaller")])
        return cls(name, mime, data)


def _begins(data: bytes, first: bytes, then: bytes) -> bool:
    return data.startswith(first) and data[len(first) + 4 :].startswith(then)
