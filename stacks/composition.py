"""What the layers of the estate are composed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cdktf import App

from catalog_templates.template import read_all as read_templates
from cloudbuild.pipelines import read as read_pipelines
from groups.personas import Persona, approvers, read, with_full_roles
from groups.rules import Rules, read_rules
from settings.loading import names_of
from settings.model import Installation
from settings.names import Names
from stacks.constructs.entitlement import LENDER
from stacks.constructs.project import agents
from stacks.stack import Stack


@dataclass(frozen=True)
class Composition:
    """The app, and all that its stacks may be told. `folder` is the settings folder, for the example data in it."""

    app: App
    it: Installation
    folder: Path

    @cached_property
    def names(self) -> Names:
        """The names of the installation."""
        return names_of(self.it)

    @cached_property
    def rules(self) -> Rules:
        """What holds for all personas."""
        return read_rules()

    @cached_property
    def personas(self) -> dict[str, Persona]:
        """The personas, with roles by their full names."""
        return with_full_roles(read(), {key: self.names.role(key) for key in self.rules.roles})

    @cached_property
    def approvers(self) -> dict[str, str]:
        """The persona who approves, by build project."""
        return approvers(self.personas, {key: pipeline.place for key, pipeline in read_pipelines().items()})

    @cached_property
    def orderers(self) -> list[str]:
        """The personas who may order something from the catalog."""
        return sorted({one for it in read_templates().values() for one in it.manifest.orderers})

    @property
    def lender(self) -> str:
        """The member that makes and ends what is lent."""
        address = agents()[LENDER]["address"].format(number=self.it.organization.organization_id)
        return f"serviceAccount:{address}"

    @property
    def shared(self) -> dict[str, Any]:
        """What every stack is told."""
        return {"organization": self.it.organization, "names": self.names}

    @property
    def stacks(self) -> list[Stack]:
        """The stacks that there are so far."""
        return [child for child in self.app.node.children if isinstance(child, Stack)]

    def apis(self, *kinds: str) -> list[str]:
        """The APIs of a project of the given kinds."""
        return sorted({api for kind in ("all", *kinds) for api in self.it.apis[kind]})

    def find(self, name: str) -> Stack:
        """A stack by name."""
        found: Stack = self.app.node.find_child(name)
        return found
