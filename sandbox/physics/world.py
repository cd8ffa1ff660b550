"""What rules ask about the cloud as it is: does it exist, whose number is that, what stands above."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from sandbox.physics.change import Broken
from sandbox.physics.references import shape_of
from sandbox.store import Store
from sandbox.templates import last

Values = dict[str, Any]

HIERARCHY = ("google_project", "google_folder")
_memory: WeakKeyDictionary[Store, dict[tuple[Any, ...], Any]] = WeakKeyDictionary()
CREATOR = "sandbox_creator"
"""What a project remembers beside what Terraform knows: the account that made it."""
_DEEP = 12  # Google allows ten levels of folders


class World:
    """A view of the store for one change."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.logged: list[str] = []
        """What a dry run of an organization policy would refuse."""
        self._seen: dict[tuple[str, str], bool] = {}

    def object(self, broken: Broken, section: str) -> None:
        """Refuse, or only note it down where the policy is a dry run."""
        if section == "spec":
            raise broken
        self.logged.append(f"dry run: {broken.message}")

    def has(self, type_: str, id_: str) -> bool:
        """Does a resource exist?"""
        key = (type_, id_)
        if key not in self._seen:
            self._seen[key] = self.store.has(type_, id_)
        return self._seen[key]

    def remembered(self, key: tuple[Any, ...], types: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """What `make` says, asked again only after something of these types has changed."""
        known = _memory.setdefault(self.store, {})
        revision = self.store.revision(types)
        found = known.get(key)
        if found is None or found[0] != revision:
            # Danger: the revision is read before the answer, so that a change in between makes it old.
            found = known[key] = (revision, make())
        return found[1]

    def values(self, type_: str, id_: str) -> Values | None:
        """What a resource is."""
        return self.store.get(type_, id_)

    def project_id(self, reference: str) -> str:
        """The id of a project that is named by id, by number or by path; a number nobody has stays a number."""
        name = last(reference)
        return (self.store.numbered("project", int(name)) or name) if name.isdigit() else name

    def project_exists(self, reference: str) -> bool:
        """Does the project exist?"""
        return self.has("google_project", f"projects/{self.project_id(reference)}")

    def creator(self, project: str) -> str:
        """The account that made a project; empty for a person, or where it was there before."""
        key = ("creator", self.project_id(project))
        found: str = self.remembered(key, ("google_project",), lambda: self._creator(key[1]))
        return found

    def _creator(self, project: str) -> str:
        return str((self.values("google_project", f"projects/{project}") or {}).get(CREATOR) or "")

    def number(self, project: str) -> int:
        """The number of a project."""
        return self.store.number("project", self.project_id(project))

    def enabled(self, project: str, service: str) -> bool:
        """Is an API enabled in a project?"""
        return self.has("google_project_service", f"{self.project_id(project)}/{service}")

    def above(self, node: str) -> list[str]:
        """A project or folder, and all that stands above it: projects/x, folders/1, organizations/2."""
        line: list[str] = self.remembered(("above", node), HIERARCHY, lambda: self._above(node))
        return line

    def _above(self, node: str) -> list[str]:
        line: list[str] = []
        while node and len(line) < _DEEP:
            line.append(node)
            node = self._parent(node)
        return line

    def _parent(self, node: str) -> str:
        if node.startswith("projects/"):
            project = self.values("google_project", f"projects/{self.project_id(node)}") or {}
            if project.get("folder_id"):
                return f"folders/{last(str(project['folder_id']))}"
            return f"organizations/{project['org_id']}" if project.get("org_id") else ""
        if node.startswith("folders/"):
            return str((self.values("google_folder", node) or {}).get("parent") or "")
        return ""

    def named(self, path: str) -> str | None:
        """The part of a resource name that names something missing; None where all is well or nothing is known."""
        parts = path.split("/")
        if parts[0] == "projects" and len(parts) > 1 and parts[1] != "-":
            parts[1] = self.project_id(parts[1])
        for length in range(len(parts), 0, -1):
            types = shape_of(parts[:length])
            if types:
                id_ = "/".join(parts[:length])
                return None if any(self.has(type_, id_) for type_ in types) else id_
        return None

    @property
    def groups(self) -> set[str]:
        """The addresses of all groups of people."""
        type_ = "google_cloud_identity_group"
        addresses: set[str] = self.remembered(("groups",), (type_,), self._groups)
        return addresses

    def _groups(self) -> set[str]:
        found = self.store.find("google_cloud_identity_group")
        return {str(key.get("id")).lower() for _, values in found for key in values.get("group_key") or []}
