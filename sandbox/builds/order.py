"""In which order steps run: `waitFor`, as Cloud Build reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.errors import SandboxError

AT_ONCE = "-"


def needs(steps: Sequence[Mapping[str, Any]]) -> list[frozenset[int]]:
    """For each step the indexes of those that must have succeeded before it.

    Without `waitFor` a step waits for all before it, with `["-"]` for none, else for the named ones. SandboxError where
    an id is taken twice or names no earlier step.
    """
    index: dict[str, int] = {}
    out: list[frozenset[int]] = []
    for number, step in enumerate(steps):
        wanted = list(step.get("waitFor") or ())
        if not wanted:
            out.append(frozenset(range(number)))
        else:
            out.append(frozenset(_index(name, index, step, number) for name in wanted if name != AT_ONCE))
        if id_ := step.get("id"):
            if id_ in index:
                raise SandboxError(f"steps[{number}].id: '{id_}' is taken by step {index[id_]}; choose another")
            index[str(id_)] = number
    return out


def _index(name: str, known: Mapping[str, int], step: Mapping[str, Any], number: int) -> int:
    if name not in known:
        where = f"steps[{number}].waitFor"
        raise SandboxError(
            f"{where}: no step before '{step.get('id', number)}' is called '{name}'; name an earlier one"
        )
    return known[name]
