"""Who somebody is: the spellings of one principal in allow and in deny policies, and the groups it belongs to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
PUBLIC = "principalSet://goog/public:all"
_ROBOT = "principal://iam.googleapis.com/projects/-/serviceAccounts/"


def blocks(value: Any) -> list[Any]:
    """A nested block as a list: stores hold lists, configurations may hold the one block itself."""
    return [value] if isinstance(value, dict) else value or []


class Groups:
    """Memberships of groups, groups in groups included."""

    def __init__(self, given: Mapping[str, Iterable[str]] | None = None) -> None:
        self._of: dict[str, set[str]] = defaultdict(set)
        self._customers: dict[str, str] = {}
        for group, members in (given or {}).items():
            for member in members:
                self.join(group, member)

    def join(self, group: str, member: str) -> None:
        """`member`, an e-mail or a group's, belongs to `group`."""
        self._of[_email(member)].add(_email(group))

    def belong(self, domain: str, customer: str) -> None:
        """The people of a domain are those of a customer (`customers/ID`)."""
        self._customers[domain] = f"principalSet://goog/cloudIdentityCustomerId/{customer.rpartition('/')[2]}"

    def learn(self, values: Mapping[str, Any], groups: Mapping[str, str]) -> None:
        """Take notice of a membership resource; `groups` maps the name of a group to its e-mail."""
        for key in blocks(values.get("preferred_member_key")):
            group = str(values.get("group"))
            self.join(groups.get(group, group), key["id"])

    def identities(self, principal: str) -> frozenset[str]:
        """Everything that a binding may call this principal; of who says no name only that it is anybody."""
        if principal == "allUsers":
            return frozenset({principal})
        found, waiting = {principal}, [_email(principal)]
        while waiting:
            for group in self._of.get(waiting.pop(), ()):
                if f"group:{group}" not in found:
                    found.add(f"group:{group}")
                    waiting.append(group)
        kind, _, email = principal.partition(":")
        if kind in ("user", "group") and "@" in email:
            domain = email.rpartition("@")[2]
            found |= {f"domain:{domain}", self._customers.get(domain, f"domain:{domain}")}
        return frozenset(found | EVERYBODY)


def matches(written: str, identities: frozenset[str]) -> bool:
    """Whether a member of an allow policy, or a principal of a deny policy, is one of the identities."""
    return written == PUBLIC or _as_member(written) in identities


def _as_member(written: str) -> str:
    if written.startswith("principal://goog/subject/"):
        return "user:" + written.rpartition("/")[2]
    if written.startswith("principalSet://goog/group/"):
        return "group:" + written.rpartition("/")[2]
    if written.startswith(_ROBOT):
        return "serviceAccount:" + written.removeprefix(_ROBOT)
    return written


def _email(member: str) -> str:
    return member.partition(":")[2] if member.partition(":")[0] in ("user", "group", "serviceAccount") else member
