"""What pages tell a person to type."""

from __future__ import annotations

import re
from pathlib import Path

FENCE = re.compile(r"(<!-- needs[^>]*-->\s*)?^ *```sh\n(.*?)^ *```$", re.M | re.S)


def fenced(page: Path) -> list[str]:
    """Commands of a page's shell fences that need nothing but this computer."""
    blocks = [body for needs, body in FENCE.findall(page.read_text()) if not needs]
    return [line.partition(" #")[0].strip() for body in blocks for line in body.splitlines() if line.strip()]
