"""The synthesized stacks as resources with values: references are followed to what they will be.

What only Google can choose - numbers of projects and folders, addresses of its agents - is named by what it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from operations.graph import Graph
from sandbox.iam import Held

REFERENCE = re.compile(r"(?P<data>data\.)?(?P<type>google_\w+)\.(?P<name>[\w-]+)\.(?P<path>\w+(?:\[\d+\]|\.\w+)*)")
INNERMOST = re.compile(r"\$\{([^${}]*)\}")
FIRST = re.compile(r'element\(\[("(?:[^"\\]|\\.)*"|[^,\]]*)')
ENCODED = re.compile(r'urlencode\("(.*)"\)')

Document = Mapping[str, Any]

# What Terraform knows only after apply: type -> attribute -> template over the other attributes.
COMPUTED = {
    "google_service_account": {
        "email": "{account_id}@{project}.iam.gserviceaccount.com",
        "member": "serviceAccount:{account_id}@{project}.iam.gserviceaccount.com",
        "name": "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
        "id": "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
    },
    "google_folder": {"name": "folders/{display_name}", "id": "folders/{display_name}"},
    "google_active_folder": {"name": "folders/{display_name}", "id": "folders/{display_name}"},
    "google_project": {"id": "projects/{project_id}", "number": "number-of-{project_id}"},
    "google_organization_iam_custom_role": {
        "name": "organizations/{org_id}/roles/{role_id}",
        "id": "organizations/{org_id}/roles/{role_id}",
    },
    "google_project_iam_custom_role": {
        "name": "projects/{project}/roles/{role_id}",
        "id": "projects/{project}/roles/{role_id}",
    },
    "google_kms_key_ring": {"id": "projects/{project}/locations/{location}/keyRings/{name}"},
    "google_kms_crypto_key": {"id": "{key_ring}/cryptoKeys/{name}"},
    "google_cloud_identity_group": {"name": "{group_key.id}", "id": "{group_key.id}"},
    "google_project_service_identity": {"member": "serviceAccount:agent-of-{service}@{project}"},
}
_SLOT = re.compile(r"\{([\w.]+)\}")


def resources(graph: Graph) -> list[Held]:
    """Every resource of every stack; its address is `stack: type.name`."""
    return [held for name, stack in graph.stacks.items() for held in of_document(name, stack.document())]


def of_document(stack: str, document: Document) -> Iterator[Held]:
    """The resources of one synthesized stack."""
    reader = _Reader(document)
    for type_, entries in document.get("resource", {}).items():
        for name, values in entries.items():
            found = reader.followed({key: value for key, value in values.items() if key not in ("//", "lifecycle")})
            yield Held(f"{stack}: {type_}.{name}", type_, found | reader.computed(type_, found))


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document, self._known = document, dict[str, Any]()

    def followed(self, value: Any) -> Any:
        """A value with every reference in it replaced."""
        if isinstance(value, list):
            return [self.followed(item) for item in value]
        if isinstance(value, dict):
            return {key: self.followed(item) for key, item in value.items()}
        if not isinstance(value, str) or "${" not in value:
            return value
        while (text := INNERMOST.sub(self._one, value)) != value:
            value = text
        return value

    def computed(self, type_: str, values: Document) -> dict[str, str]:
        """What Terraform would know of a resource after apply."""
        table = COMPUTED.get(type_, {})
        return {key: _SLOT.sub(lambda slot: str(_at(values, slot[1])), template) for key, template in table.items()}

    def _one(self, found: re.Match[str]) -> str:
        expression = found[1]
        if first := FIRST.match(expression):
            expression = first[1]
        if encoded := ENCODED.fullmatch(expression):
            return quote(encoded[1], safe="")
        if len(expression) > 1 and expression[0] == expression[-1] == '"':
            return expression[1:-1]
        reference = REFERENCE.fullmatch(expression)
        return self._attribute(reference) if reference else f"<{expression}>"

    def _attribute(self, found: re.Match[str]) -> str:
        if (text := found[0]) in self._known:
            return str(self._known[text])
        section, type_, path = ("data" if found["data"] else "resource"), found["type"], found["path"]
        entry = self._document.get(section, {}).get(type_, {}).get(found["name"])
        if entry is None:
            return f"<{text}>"
        self._known[text] = f"<{text}>"  # a circle stays what it is
        values = self.followed({key: value for key, value in entry.items() if key != "//"})
        known = values | self.computed(type_, values)
        self._known[text] = answer = _at(known, path, f"<{text}>")
        return str(answer)


def _at(values: Document, path: str, otherwise: Any = "") -> Any:
    """An attribute by its path; a block that stands alone is its own first element."""
    here: Any = values
    for part in re.findall(r"\w+", path):
        if part.isdigit():
            here = here[int(part)] if isinstance(here, list) and int(part) < len(here) else here
        elif isinstance(here, dict) and part in here:
            here = here[part]
        else:
            return otherwise
    return here
