"""Text that has to arrive as it is."""

from __future__ import annotations


def literal(content: str) -> str:
    """`content` as a Terraform string that means exactly these characters, template signs included."""
    return content.replace("${", "$${").replace("%{", "%%{")
