"""Substitutions: what `$NAME` and `${NAME}` in a build stand for."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.errors import SandboxError

_WORD = re.compile(r"\$\$|\$\{([A-Z_][A-Z0-9_]*)\}|\$([A-Z_][A-Z0-9_]*)")
_USER = re.compile(r"_[A-Z0-9_]+")
_LONGEST_NAME, _LONGEST_VALUE, _MOST = 100, 4000, 200  # https://cloud.google.com/build/quotas, read 2026-11
_FIELDS = (
    "steps",
    "images",
    "tags",
    "artifacts",
    "options",
    "logsBucket",
    "availableSecrets",
    "timeout",
    "serviceAccount",
)


def substituted(build: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The build with every substitution filled in; `known` is what Google knows of it (PROJECT_ID, COMMIT_SHA, ...).

    Unless the option `ALLOW_LOOSE` is set, SandboxError names what is used and not known, and what is known of the
    user's own and not used. `$$` is a dollar.
    """
    own = {str(name): str(value) for name, value in (build.get("substitutions") or {}).items()}
    _within_limits(own)
    table, used, missing = dict(known) | own, set[str](), set[str]()

    def word(found: re.Match[str]) -> str:
        name = found.group(1) or found.group(2)
        if name is None:
            return "$"
        used.add(name)
        if name not in table:
            missing.add(name)
        return table.get(name, "")

    out = {key: _filled(value, word) if key in _FIELDS else value for key, value in build.items()}
    if (build.get("options") or {}).get("substitutionOption") != "ALLOW_LOOSE":
        _all_known(missing, set(own) - used)
    return out


def _filled(value: Any, word: Any) -> Any:
    if isinstance(value, str):
        return _WORD.sub(word, value)
    if isinstance(value, list):
        return [_filled(part, word) for part in value]
    if isinstance(value, dict):
        # Danger: a script is handed to the shell as it is; Cloud Build substitutes nothing in it.
        return {key: part if key == "script" else _filled(part, word) for key, part in value.items()}
    return value


def _all_known(missing: set[str], unused: set[str]) -> None:
    if missing:
        raise SandboxError(f"substitutions: {', '.join(sorted(missing))} used but not defined; give each a value")
    if unused:
        raise SandboxError(f"substitutions: {', '.join(sorted(unused))} defined but not used; remove it")


def _within_limits(own: Mapping[str, str]) -> None:
    if len(own) > _MOST:
        raise SandboxError(f"substitutions: {len(own)} of them; Cloud Build takes {_MOST}")
    for name, value in own.items():
        if not _USER.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise SandboxError(f"substitutions.{name}: is no name for one; begin with _ and use A-Z, 0-9 and _")
        if len(value) > _LONGEST_VALUE:
            raise SandboxError(f"substitutions.{name}: has {len(value)} characters; Cloud Build takes {_LONGEST_VALUE}")
