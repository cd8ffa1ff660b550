"""What Google's clients raise, in the words that matter to a person."""

from __future__ import annotations

import re

_REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) \S+: ")


def words(error: Exception) -> str:
    """The first line of what Google said, without the request that led there."""
    text = str(getattr(error, "message", "") or error)
    return _REQUEST.sub("", text).strip().split("\n")[0].removesuffix(".")
