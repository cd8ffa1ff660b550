"""A Terraform provider over the store: each method answers one call of plugin protocol 6."""

import json
from pathlib import Path
from typing import Any

from tf.gen import tfplugin_pb2 as pb

from sandbox import (
    creation,
    deletion,
    diagnostics,
    facts,
    importing,
    lookups,
    physics,
    planning,
    replacement,
    validation,
)
from sandbox.blocks import Block
from sandbox.codec import UNKNOWN, decode, encode
from sandbox.configuration import Configuration
from sandbox.diagnostics import Refused
from sandbox.errors import SandboxError
from sandbox.faults import Faults
from sandbox.labels import plan_labels
from sandbox.physics import impersonation
from sandbox.physics.change import Change
from sandbox.retries import retried
from sandbox.schema import ProviderSchema, cached
from sandbox.serving import Serving
from sandbox.store import Store

_PLACES = {
    "project": ("project: required field is not set", "Set project here or in the provider block."),
    "region": ("Cannot determine region", "Set region here, or region or zone in the provider block."),
    "zone": ("Cannot determine zone", "Set zone here or in the provider block."),
}


def serve(store: Store, schema_folder: Path, *, lawless: bool = False, faults: Faults | None = None) -> Serving:
    """Both Google providers over one store; Terraform processes reach them through `Serving.reattach()`.

    A `lawless` one lets things come into being whatever the state of the cloud; what may go is always judged.
    """
    schemas = cached(schema_folder)
    return Serving(
        {f"hashicorp/{schema.provider}": Provider(schema, store, lawless=lawless, faults=faults) for schema in schemas}
    )


class Provider:
    """One provider address; what a Terraform process configured is kept by its connection."""

    def __init__(
        self, schema: ProviderSchema, store: Store, *, lawless: bool = False, faults: Faults | None = None
    ) -> None:
        self.schema, self._store, self._lawless, self._faults = schema, store, lawless, faults

    def ConfigureProvider(self, request: Any, before: Configuration) -> tuple[Any, Configuration]:
        settings = Configuration.of(decode(request.config) or {}, before.acting, before.origin)
        impersonation.check(self._store, settings)
        return pb.ConfigureProvider.Response(), settings

    def ValidateProviderConfig(self, request: Any, _: Configuration) -> Any:
        return pb.ValidateProviderConfig.Response()

    def GetMetadata(self, request: Any, _: Configuration) -> Any:
        answer = pb.GetMetadata
        return answer.Response(
            server_capabilities=self.schema.message.server_capabilities,
            resources=[answer.ResourceMetadata(type_name=name) for name in self.schema.resources],
            data_sources=[answer.DataSourceMetadata(type_name=name) for name in self.schema.data_sources],
        )

    def ValidateResourceConfig(self, request: Any, _: Configuration) -> Any:
        block = self.schema.resource(request.type_name)
        found = validation.problems(request.type_name, block, decode(request.config))
        return pb.ValidateResourceConfig.Response(diagnostics=found)

    def ValidateDataResourceConfig(self, request: Any, _: Configuration) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def UpgradeResourceState(self, request: Any, _: Configuration) -> Any:
        values = json.loads(request.raw_state.json, parse_float=str)
        state = encode(planning.conform(self.schema.resource(request.type_name), values))
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    def MoveResourceState(self, request: Any, _: Configuration) -> Any:
        """Between the two providers a type moves as it is; between types nothing is known."""
        answer = pb.MoveResourceState.Response
        if request.source_type_name != request.target_type_name:
            problem = f"{request.source_type_name} cannot be moved to {request.target_type_name}"
            return answer(diagnostics=[diagnostics.error(problem, "Remove one from the state and import the other.")])
        values = json.loads(request.source_state.json, parse_float=str)
        return answer(target_state=encode(planning.conform(self.schema.resource(request.target_type_name), values)))

    def ReadResource(self, request: Any, _: Configuration) -> Any:
        state = decode(request.current_state)
        found = self._store.get(request.type_name, str((state or {}).get("id")))
        if found is not None:
            found = planning.conform(self.schema.resource(request.type_name), found)
        return pb.ReadResource.Response(new_state=encode(found), private=request.private)

    def PlanResourceChange(self, request: Any, settings: Configuration) -> Any:
        answer = pb.PlanResourceChange.Response
        if decode(request.proposed_new_state) is None:
            return answer(planned_state=request.proposed_new_state, legacy_type_system=True)
        type_, block = request.type_name, self.schema.resource(request.type_name)
        prior, config = decode(request.prior_state), decode(request.config)
        planned = planning.plan(block, config, prior)
        if prior is None:
            place(type_, block, planned, settings)
        plan_labels(block, config, planned, prior, settings)
        paths = [] if prior is None else replacement.replacements(type_, block, prior, planned)
        return answer(
            planned_state=encode(planned),
            requires_replace=[diagnostics.attribute_path(path) for path in paths],
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Any, settings: Configuration, folder: Path | None = None) -> Any:
        answer = pb.ApplyResourceChange.Response
        type_, block = request.type_name, self.schema.resource(request.type_name)
        prior, planned = decode(request.prior_state), decode(request.planned_state)
        try:
            noted = self._obey(type_, prior, planned, settings)
            state = retried(type_, lambda: self._change(type_, block, prior, planned, settings, folder))
        except SandboxError as problem:
            return answer(new_state=request.prior_state, diagnostics=diagnostics.of(problem), legacy_type_system=True)
        warned = [diagnostics.warning(text) for text in noted]
        if self._faults and prior is None and self._faults.after(type_, planned):
            # The provider knows what it began: Terraform keeps it as tainted, and makes it anew next time.
            warned.append(diagnostics.error(f"Error waiting to create {type_}: the operation failed half way"))
        return answer(new_state=encode(state), diagnostics=warned, legacy_type_system=True)

    def _change(
        self, type_: str, block: Block, prior: Any, planned: Any, settings: Configuration, folder: Path | None
    ) -> Any:
        """Do what is asked; the values that the resource has then, None for one that is gone."""
        if self._faults:
            self._faults.before(type_, planned or prior)
        if planned is None:
            deletion.delete(self._store, type_, prior)
            return None
        change = creation.create if prior is None else creation.update
        return change(self._store, type_, block, planned, settings, folder)

    def _obey(self, type_: str, prior: Any, planned: Any, settings: Configuration) -> list[str]:
        """Raise Refused where Google would refuse the change; returns what dry runs of policies would refuse."""
        if self._lawless and planned is not None:
            return []
        action = "delete" if planned is None else "create" if prior is None else "update"
        change = Change(type_, action, planned or prior, prior, settings.charged(), settings.caller(), settings.origin)
        return physics.check(self._store, change)

    def ImportResourceState(self, request: Any, settings: Configuration) -> Any:
        answer = pb.ImportResourceState
        found = importing.find(self._store, request.type_name, request.id, settings)
        state = encode(planning.conform(self.schema.resource(request.type_name), found))
        return answer.Response(imported_resources=[answer.ImportedResource(type_name=request.type_name, state=state)])

    def ReadDataSource(self, request: Any, settings: Configuration) -> Any:
        type_, block = request.type_name, self.schema.data_source(request.type_name)
        known = type_ in self.schema.resources
        return pb.ReadDataSource.Response(
            state=encode(lookups.read(type_, block, decode(request.config), self._store, settings, known))
        )

    def StopProvider(self, request: Any, _: Configuration) -> Any:
        return pb.StopProvider.Response()

    def GetFunctions(self, request: Any, _: Configuration) -> Any:
        return pb.GetFunctions.Response()


def place(type_: str, block: Block, planned: dict[str, Any], settings: Configuration) -> None:
    """Put the provider's project, region and zone where the configuration is silent."""
    line = facts.of(type_)
    needed = str(facts.table("ids")["ids"].get(type_) or line.get("id", "")) + str(line.get("url", ""))
    for name, (summary, detail) in _PLACES.items():
        attribute = block.attributes.get(name)
        if attribute is None or not attribute.optional or planned[name] is not UNKNOWN:
            continue
        given = settings.default(name)
        if given is not None:
            planned[name] = given
        elif f"{{{name}}}" in needed:
            raise Refused(summary, detail, (name,))
