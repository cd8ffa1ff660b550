"""What Terraform rejects in a configuration before it plans."""

import re
from collections.abc import Iterator
from typing import Any

from tf.gen import tfplugin_pb2 as pb

from sandbox.blocks import LIST, Attribute, Block
from sandbox.codec import unknown
from sandbox.diagnostics import Path, error

_MEMBER = re.compile(r".+:.+|projectOwners|projectReaders|projectWriters|allUsers|allAuthenticatedUsers")
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")


def problems(type_: str, block: Block, config: dict[str, Any]) -> list[pb.Diagnostic]:
    """All problems of one resource's configuration, each with the exact place."""
    return [*_level(block, config, ()), *_by_type(type_, config)]


def _level(block: Block, config: dict[str, Any], path: Path) -> Iterator[pb.Diagnostic]:
    for name, value in config.items():
        if value is None or unknown(value):
            continue
        attribute = block.attributes.get(name)
        if attribute is not None:
            yield from _attribute(attribute, value, (*path, name))
            continue
        nested = block.nested[name]
        if isinstance(value, dict):
            yield from _level(nested.block, value, (*path, name))
        elif isinstance(value, list):
            for place, item in enumerate(value):
                # An element of a set has no place that Terraform could show.
                if isinstance(item, dict):
                    yield from _level(
                        nested.block, item, (*path, name, place) if nested.mode == LIST else (*path, name)
                    )


def _attribute(attribute: Attribute, value: Any, path: Path) -> Iterator[pb.Diagnostic]:
    if not attribute.settable:
        yield error(
            f'Can\'t configure a value for "{attribute.path}"',
            f'The value of "{attribute.path}" is decided by Google; remove it from the configuration.',
            path,
        )
    elif attribute.allowed and isinstance(value, str) and value and value not in attribute.allowed:
        allowed = " ".join(f'"{item}"' for item in attribute.allowed)
        yield error(f"expected {attribute.path} to be one of [{allowed}], got {value}", "", path)


def _by_type(type_: str, config: dict[str, Any]) -> Iterator[pb.Diagnostic]:
    if type_.endswith(("_iam_member", "_iam_binding")):
        for name in ("member", "members"):
            for member in _strings(config.get(name)):
                if not _MEMBER.fullmatch(member) or member.startswith("deleted:"):
                    yield error(
                        f'invalid value "{member}" for {name}',
                        "IAM members are written as user:, group:, serviceAccount:, principal:// and the like.",
                        (name,),
                    )
    if type_ == "google_project":
        for project in _strings(config.get("project_id")):
            if not _PROJECT.fullmatch(project):
                yield error(
                    f'"project_id" must match {_PROJECT.pattern!r}, got "{project}"',
                    "A project id has 6 to 30 lowercase letters, digits and hyphens, and starts with a letter.",
                    ("project_id",),
                )


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [item for item in values if isinstance(item, str)]
