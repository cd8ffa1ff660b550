"""Rebuilds provider.json from checkouts of the provider at the tag whose schema the sandbox serves.

    python -m sandbox.facts.refresh --google <checkout> --beta <checkout> --version 6.50.0 --date 2026-11-20

Only facts are recorded (which attributes force a replacement, defaults, sensitivity, ids, addresses of APIs); the
provider is licensed under MPL-2.0, and none of its code or text is copied.
"""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.facts.golang import Call, Name, Unreadable
from sandbox.facts.identities import api_paths, iam_parent, identity
from sandbox.facts.schemas import Facts, Source, registered, walk

REGISTRIES = ("provider_mmv1_resources.go", "provider_dcl_resources.go")
IAM_KINDS = {
    "ResourceIamMember": "member",
    "ResourceIamBinding": "binding",
    "ResourceIamPolicy": "policy",
    "ResourceIamAuditConfig": "audit_config",
}
NOT_RESOURCES = re.compile(r"^DataSource")


def resources(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """(type, its line in the table) for every resource of one provider."""
    for file in REGISTRIES:
        text = (source.root / "provider" / file).read_text()
        for type_, node in registered(text):
            if not isinstance(node, Call) or NOT_RESOURCES.match(node.function.rpartition(".")[2]):
                continue
            kind = IAM_KINDS.get(node.function.rpartition(".")[2])
            if kind is None and node.function.startswith("tpgiamresource."):
                continue
            try:
                yield type_, _iam(source, kind, node) if kind else _resource(source, node)
            except Unreadable as problem:
                print(f"{type_}: {problem}")
                yield type_, {}


def _resource(source: Source, node: Call) -> dict[str, Any]:
    package, name = source.locate("", node.function)
    source.give(package, node.arguments)
    facts = walk(source, source.resource(package, name), Facts())
    return _line(facts) | identity(source.package(package), name)


def _iam(source: Source, kind: str, node: Call) -> dict[str, Any]:
    """Every settable attribute that names the parent, the role, the member or the condition forces a replacement."""
    parent, producer = node.arguments[0], node.arguments[1]
    if not isinstance(parent, Name) or not isinstance(producer, Name):
        raise Unreadable(str(node))
    package, _ = source.locate("", parent.text)
    facts = walk(source, source.schema_map(package, parent), Facts())
    attributes = {"member": ["role", "member"], "binding": ["role"], "policy": [], "audit_config": ["service"]}[kind]
    facts.replace += attributes
    if kind in ("member", "binding"):
        facts.replace += ["condition", "condition.expression", "condition.title", "condition.description"]
    names = iam_parent(source.package(package), source.locate("", producer.text)[1], list(facts.settable))
    tail = {
        "member": "/{role}/{member}",
        "binding": "/{role}",
        "policy": "",
        "audit_config": "/audit_config/{service}",
    }[kind]
    return {"replace": _paths(facts.replace), "id": names + tail}


def _line(facts: Facts) -> dict[str, Any]:
    everything = [path for path in facts.settable if path not in facts.replace] == [] and facts.settable
    line: dict[str, Any] = {"replace": "*" if everything else _paths(facts.replace)}
    line |= {"default": facts.default, "sensitive": _paths(facts.sensitive), "computed": _paths(facts.computed)}
    line |= {"items": facts.items, "write_only": _paths(facts.write_only), "allowed": facts.allowed}
    return {key: value for key, value in line.items() if value}


def _paths(paths: list[str]) -> str:
    return " ".join(sorted(set(paths)))


def main() -> None:
    cli = argparse.ArgumentParser()
    cli.add_argument("--google", type=Path, required=True)
    cli.add_argument("--beta", type=Path, required=True)
    cli.add_argument("--version", required=True)
    cli.add_argument("--date", required=True)
    cli.add_argument("--out", type=Path, default=Path(__file__).with_name("provider.json"))
    arguments = cli.parse_args()
    table: dict[str, dict[str, Any]] = {}
    for root in (arguments.beta / "google-beta", arguments.google / "google"):  # what google says wins
        for type_, line in resources(Source(root)):
            table[type_] = _merge(table.get(type_, {}), line)
    about = {
        "source": f"hashicorp/terraform-provider-google and -google-beta, tag v{arguments.version}",
        "date": arguments.date,
        "licence": "facts taken from software under MPL-2.0; no code or text copied",
        "refresh": "python -m sandbox.facts.refresh",
    }
    paths = api_paths(arguments.beta / "google-beta") | api_paths(arguments.google / "google")
    lines = [f'"about": {_json(about)}', f'"apis": {_json(paths)}']
    types = ",\n".join(f"{_json(type_)}: {_json(line)}" for type_, line in sorted(table.items()))
    lines.append(f'"types": {{\n{types}\n}}')
    arguments.out.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(table)} types, {arguments.out.stat().st_size} bytes")


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Attributes only google-beta has keep their facts; the rest is as google says."""
    out = old | new
    for key in ("replace", "sensitive", "computed", "write_only"):
        if key in old and key in new and "*" not in (old[key], new[key]):
            out[key] = _paths(old[key].split() + new[key].split())
    for key in ("default", "items", "allowed"):
        if key in old and key in new:
            out[key] = old[key] | new[key]
    return out


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    main()
