"""Rebuilds roles.json from role definitions, one JSON file each, in the form in which the IAM API tells them.

    python -m sandbox.facts.refresh_roles <folder> --source <where from> --date 2026-08-22 --read 2026-11-25

Kept are the roles of the services below, without those that only agents of services hold unless they are named in
AGENTS; of every other service only the names of the permissions of KNOWN are kept, to tell a misspelt one.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("roles.json")
_FAMILIES = (
    "accesscontextmanager aiplatform alloydb artifactregistry bigquery bigquerydatapolicy billing binaryauthorization "
    "browser cloudasset cloudbuild cloudfunctions cloudkms cloudscheduler cloudtrace composer compute config "
    "containeranalysis datacatalog dataflow dataform dataplex datalineage discoveryengine dns essentialcontacts "
    "eventarc iam iap logging modelarmor monitoring networkmanagement notebooks ondemandscanning orgpolicy "
    "privilegedaccessmanager pubsub recommender resourcemanager run secretmanager securitycenter servicedirectory "
    "servicenetworking serviceusage spanner storage storagetransfer telemetry visionai vpcaccess workflows"
)
_AGENTS = (
    "aiplatform.serviceAgent cloudbuild.serviceAgent cloudconfig.serviceAgent cloudscheduler.serviceAgent "
    "composer.ServiceAgentV2Ext composer.serviceAgent composer.sharedVpcAgent dataflow.serviceAgent "
    "notebooks.serviceAgent privilegedaccessmanager.projectServiceAgent config.agent cloudbuild.builds.builder"
)
FAMILIES, AGENTS = frozenset(_FAMILIES.split()), frozenset(_AGENTS.split())


def kept(name: str) -> bool:
    """Whether the table has this role."""
    word = name.removeprefix("roles/")
    return word in AGENTS or (word.partition(".")[0] in FAMILIES and "agent" not in word.lower().partition(".")[2])


def folded(permissions: Iterable[str]) -> dict[str, str]:
    """Permissions by `service.resource`, their verbs in one text."""
    found: dict[str, list[str]] = defaultdict(list)
    for permission in sorted(permissions):
        kind, _, verb = permission.rpartition(".")
        found[kind].append(verb)
    return {kind: " ".join(verbs) for kind, verbs in found.items()}


def table(definitions: Iterable[dict[str, Any]], about: dict[str, str]) -> str:
    """The text of roles.json, one role a line."""
    roles = {d["name"]: d.get("includedPermissions", []) for d in definitions if d["name"].startswith("roles/")}
    known = {p for permissions in roles.values() for p in permissions}
    lines = ["{", f'"about": {json.dumps(about)},', '"roles": {']
    lines.append(",\n".join(_line(n, folded(p)) for n, p in sorted(roles.items()) if kept(n)))
    lines += [
        "},",
        '"permissions": {',
        ",\n".join(_line(kind, verbs) for kind, verbs in folded(known).items()),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for option in ("--source", "--date", "--read"):
        parser.add_argument(option, required=True)
    given = parser.parse_args()
    about = {
        "what": "permissions of Google's predefined roles, folded: service.resource -> verbs",
        "source": given.source,
        "date": given.date,
        "read": given.read,
        "licence": "facts only; no text copied",
        "refresh": "python -m sandbox.facts.refresh_roles",
        "absent": "a role that is not here is not known, and no answer that depends on it is given",
    }
    FILE.write_text(table((json.loads(p.read_text()) for p in sorted(given.folder.glob("*.json"))), about))


if __name__ == "__main__":
    main()
