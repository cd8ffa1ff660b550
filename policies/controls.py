"""The catalogue of controls, and what holds each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from policies.rule import FOLDER, NotUsable

FILE = FOLDER / "controls.yaml"
KINDS = ("prevent", "fixed", "detect", "prove")


@dataclass(frozen=True)
class Mechanism:
    """Something that holds controls: an organization policy, a template's locks, a rule or a test."""

    kind: str
    name: str
    controls: tuple[str, ...]


@dataclass(frozen=True)
class Control:
    """One control, with what holds it by kind: prevent, fixed, detect, prove."""

    id: str
    statement: str
    nist: tuple[str, ...]
    cri: tuple[str, ...]
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def catalogue(file: Path = FILE) -> list[Control]:
    """Every control, nothing holding it yet. NotUsable where the file is none."""
    try:
        rows: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [Control(id_, r["statement"], tuple(r["nist"]), tuple(r["cri"])) for id_, r in rows.items()]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise NotUsable(file.name, f"is no catalogue ({error})", "each id has statement, nist and cri") from None


def held(controls: Sequence[Control], mechanisms: Sequence[Mechanism]) -> list[Control]:
    """The controls with what holds them."""

    def of(control: Control, kind: str) -> tuple[str, ...]:
        return tuple(sorted(m.name for m in mechanisms if m.kind == kind and control.id in m.controls))

    return [Control(c.id, c.statement, c.nist, c.cri, {kind: of(c, kind) for kind in KINDS}) for c in controls]


def gaps(controls: Sequence[Control], mechanisms: Sequence[Mechanism]) -> list[str]:
    """A sentence for each control that nothing holds, and for each mechanism with no control or an unknown one."""
    known = {control.id for control in controls}
    out = [f"{control.id}: nothing holds it; add a rule, a policy, a lock or a test" for control in controls]
    out = [line for line, control in zip(out, controls, strict=True) if not any(control.held.values())]
    for mechanism in mechanisms:
        if not mechanism.controls:
            out.append(f"{mechanism.name}: holds no control; name one of policies/controls.yaml")
        for id_ in mechanism.controls:
            if id_ not in known:
                out.append(f"{mechanism.name}: control '{id_}' is not in policies/controls.yaml; add it or correct it")
    return out
