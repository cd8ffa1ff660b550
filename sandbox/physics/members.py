"""The members of IAM bindings in a change: who is granted something."""

from collections.abc import Iterator

from sandbox.physics.change import Change, Path
from sandbox.physics.references import is_grant


def members(change: Change) -> Iterator[tuple[Path, str]]:
    """Each member with its place; of the IAM types alone."""
    if not is_grant(change.type):
        return
    one, many = change.values.get("member"), change.values.get("members")
    if isinstance(one, str):
        yield ("member",), one
    for member in many if isinstance(many, list) else ():
        if isinstance(member, str):
            yield ("members",), member
