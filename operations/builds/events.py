"""What happens in a repository, and which triggers it starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from operations.commits import ask

if TYPE_CHECKING:
    from google.cloud.devtools.cloudbuild_v1 import BuildTrigger

Kind = Literal["pull_request", "push", "message"]
_ATTRIBUTE = re.compile(r"\$\(body\.message\.attributes\.(\w+)\)")


@dataclass(frozen=True)
class Event:
    """A proposed change, a merged one, or a message. `branch` is the one that is, or will be, changed.

    `pull` is the number of the pull request at the repository host; 0 where there is no host.
    """

    kind: Kind
    branch: str
    commit: str
    head: str = ""
    files: tuple[str, ...] = ()
    pull: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)

    def substitutions(self, trigger: BuildTrigger) -> dict[str, str]:
        """What Cloud Build tells a build of the event; the commit and the branch it knows by itself.

        Of a message it takes the attributes that the trigger names, and nothing else that is in it.
        """
        if self.kind == "pull_request":
            return {"_HEAD_BRANCH": self.head, "_BASE_BRANCH": self.branch, "_PR_NUMBER": str(self.pull)}
        named = {name: _ATTRIBUTE.fullmatch(value) for name, value in trigger.substitutions.items()}
        return {name: self.attributes.get(found[1], "") for name, found in named.items() if found}


def read(kind: Kind, repository: Path, ref: str, base: str, attributes: Mapping[str, str], pull: int = 0) -> Event:
    """The event of `ref` in a Git repository: proposed for `base`, or merged into it with its last commit."""
    commit = ask(repository, "rev-parse", "--verify", f"{ref}^{{commit}}")
    if kind == "message":
        return Event(kind, base, commit, attributes=attributes)
    before = ask(repository, "merge-base", base, commit) if kind == "pull_request" else _before(repository, commit)
    files = ask(repository, "diff", "--name-only", before, commit).splitlines()
    return Event(kind, base, commit, head=ref, files=tuple(files), pull=pull)


def starts(trigger: BuildTrigger, event: Event) -> bool:
    """Whether this event starts this trigger: its kind, its branch, and the files that it looks at."""
    if event.kind == "message":
        return bool(trigger.pubsub_config.topic)
    config = trigger.repository_event_config
    wanted = config.pull_request.branch if event.kind == "pull_request" else config.push.branch
    if not wanted or not re.search(wanted, event.branch):
        return False
    return not trigger.included_files or any(_matches(trigger.included_files, file) for file in event.files)


def _before(repository: Path, commit: str) -> str:
    """The first parent; of a first commit, the empty tree."""
    parents = ask(repository, "rev-list", "--parents", "-n1", commit).split()[1:]
    return parents[0] if parents else ask(repository, "hash-object", "-t", "tree", "/dev/null")


def _matches(patterns: Sequence[str], file: str) -> bool:
    return any(re.fullmatch(_pattern(pattern), file) for pattern in patterns)


def _pattern(glob: str) -> str:
    """Cloud Build's globs: `**` crosses folders, `*` and `?` do not."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*/|\*\*|\*|\?)", glob))
