"""From where a call comes, as far as perimeters ask."""

import re

from sandbox.errors import SandboxError

INTERNET, WORKPLACE = "internet", "workplace"
_TOLD = re.compile(r"(?:projects/)?([a-z0-9-]+)")
_ACCOUNT = re.compile(r"serviceAccount:[^@]+@([a-z0-9-]+)\.iam\.gserviceaccount\.com")


def origin(who: str, told: str = "") -> str:
    """A project, `workplace` or `internet`: what is told, else the project of an account, else the internet."""
    if told:
        found = _TOLD.fullmatch(told)
        if found is None:
            raise SandboxError(f"'{told}' is no origin; write internet, workplace or projects/ID.")
        return found[1]
    account = _ACCOUNT.fullmatch(who)
    return account[1] if account else INTERNET
