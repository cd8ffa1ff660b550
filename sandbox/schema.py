"""The whole schema of both Google providers: rebuilt once from the installed bindings, then read from a cache."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from tf.gen import tfplugin_pb2 as pb

from sandbox import bindings, facts
from sandbox.blocks import Block, Knowledge, build
from sandbox.errors import SandboxError
from sandbox.typescript import Body, Module, Nested

PROVIDERS = ("google", "google-beta")
_WRITE_ONLY = b"\x58\x01"  # field 11 = true: younger than the message classes, which pass it on unread
_FORMAT = "1"  # part of the name of cached files: raise it when what is written changes
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_KINDS = {"TerraformResource": "resource_schemas", "TerraformDataSource": "data_source_schemas"}


@dataclass
class ProviderSchema:
    """One provider: the bytes Terraform asks for, and the shape of each type, built when first needed."""

    provider: str
    version: str
    raw: bytes
    _blocks: dict[tuple[str, str], Block] = field(default_factory=dict)

    @cached_property
    def message(self) -> pb.GetProviderSchema.Response:
        return pb.GetProviderSchema.Response.FromString(self.raw)

    @cached_property
    def configuration(self) -> Block:
        return build(self.message.provider.block, Knowledge())

    @cached_property
    def resources(self) -> frozenset[str]:
        return frozenset(self.message.resource_schemas)

    @cached_property
    def data_sources(self) -> frozenset[str]:
        return frozenset(self.message.data_source_schemas)

    def resource(self, type_: str) -> Block:
        known = self._blocks.get(("resource", type_))
        if known is None:
            block = self.message.resource_schemas[type_].block
            known = self._blocks["resource", type_] = build(block, facts.knowledge(type_))
        return known

    def data_source(self, type_: str) -> Block:
        known = self._blocks.get(("data", type_))
        if known is None:
            block = self.message.data_source_schemas[type_].block
            known = self._blocks["data", type_] = build(block, Knowledge())
        return known


@dataclass(frozen=True)
class Schemas:
    google: ProviderSchema
    beta: ProviderSchema

    def __iter__(self) -> Iterator[ProviderSchema]:
        return iter((self.google, self.beta))


def cached(folder: Path) -> Schemas:
    """Both schemas; built under `folder` when they are not there yet, so that nobody ever reads half a file."""
    targets = {provider: _target(folder, provider) for provider in PROVIDERS}
    missing = [provider for provider, target in targets.items() if not target.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for provider in missing:
            _write(targets[provider], render(provider))
        return Schemas(*(_load(provider, targets[provider]) for provider in PROVIDERS))
    except OSError as error:
        way_out = "make the folder writable or choose another one"
        raise SandboxError(f"{folder}: the schema cannot be kept there ({error.strerror}); {way_out}") from error


def render(provider: str) -> bytes:
    """The answer of one provider to GetProviderSchema."""
    response = pb.GetProviderSchema.Response(
        provider_meta=pb.Schema(block=pb.Schema.Block()),
        server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True, move_resource_state=True),
    )
    for source in bindings.modules(provider):
        kind, type_, body = Module(source).parse()
        if kind == "TerraformProvider":
            body.attributes.pop("alias", None)  # CDKTF added it
            response.provider.CopyFrom(_schema(body, {}, ""))
        elif kind in _KINDS:
            line = facts.of(type_) if kind == "TerraformResource" else {}
            getattr(response, _KINDS[kind])[type_].CopyFrom(_schema(body, line, ""))
    return bytes(response.SerializeToString(deterministic=True))


def _schema(body: Body, line: Mapping[str, Any], prefix: str) -> pb.Schema:
    return pb.Schema(version=0, block=_block(body, line, prefix))


def _block(body: Body, line: Mapping[str, Any], prefix: str) -> pb.Schema.Block:
    sensitive, write_only = line.get("sensitive", "").split(), line.get("write_only", "").split()
    out = pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(leaf.type_).encode(),
                required=leaf.required,
                optional=leaf.optional,
                computed=leaf.computed,
                sensitive=prefix + name in sensitive,
            )
            for name, leaf in sorted(body.attributes.items())
        ],
        block_types=[_nested(name, nested, line, prefix + name) for name, nested in sorted(body.blocks.items())],
    )
    for attribute in out.attributes:
        if prefix + attribute.name in write_only:
            attribute.MergeFromString(_WRITE_ONLY)
    return out


def _nested(name: str, nested: Nested, line: Mapping[str, Any], path: str) -> pb.Schema.NestedBlock:
    low, high = line.get("items", {}).get(path, (0, 0))
    return pb.Schema.NestedBlock(
        type_name=name,
        block=_block(nested.body, line, path + "."),
        nesting=_NESTING[nested.mode],
        min_items=max(nested.low, low if nested.low else 0),
        max_items=max(nested.high, high),
    )


def _target(folder: Path, provider: str) -> Path:
    digest = hashlib.sha256((_FORMAT + facts.fingerprint()).encode()).hexdigest()[:8]
    return folder / f"schema_{provider}_{bindings.version(provider)}_{digest}.pb"


def _write(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _load(provider: str, target: Path) -> ProviderSchema:
    schema = ProviderSchema(provider, bindings.version(provider), target.read_bytes())
    try:
        complete = bool(schema.resources)
    except DecodeError:
        complete = False
    if not complete:
        raise SandboxError(f"{target}: damaged; delete the file, it is built again")
    return schema
