"""Controls and what holds them, gathered from where each mechanism lives; and the matrix for an auditor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from operations.proofs import Proof, proofs
from operations.sheets import Cell, Sheet, write_sheet
from settings.loading import read
from settings.problems import InvalidSettings, Problem

if TYPE_CHECKING:
    from policies.controls import Control, Mechanism

ROOT = Path(__file__).parents[1]
TITLES = {"prevent": "organization policy", "fixed": "template lock", "detect": "rule", "prove": "test"}
HEAD = ("control", "statement", "NIST 800-53", "CRI Profile", *TITLES.values())


def mechanisms(settings: Path) -> list[Mechanism]:
    """All that holds controls: policies of these settings, locks of templates, rules, and tests that name one."""
    from policies.controls import Mechanism
    from policies.rule import rules

    # A policy that is only rehearsed prevents nothing.
    policies = {name: policy for name, policy in read(settings).org_policies.items() if not policy.dry_run}
    found = [Mechanism("prevent", name, _one(policy.control)) for name, policy in policies.items()]
    for manifest in sorted((ROOT / "catalog_templates").glob("*/manifest.yaml")):
        told = yaml.safe_load(manifest.read_text(encoding="utf-8")).get("controls", [])
        found.append(Mechanism("fixed", manifest.parent.name, tuple(told)))
    found += [Mechanism("detect", rule.id, rule.controls) for rule in rules()]
    return found + proven(proofs())


def proven(marked: Sequence[Proof]) -> list[Mechanism]:
    """The tests that name controls; one that proves nothing holds none."""
    from policies.controls import Mechanism

    named = [(proof, tuple(id_ for id_ in proof.ids if "-CO-" in id_ or id_.startswith("HOUSE-"))) for proof in marked]
    return [Mechanism("prove", proof.test, ids if proof.counts else ()) for proof, ids in named if ids]


def controls(settings: Path) -> list[Control]:
    """Every control with what holds it. InvalidSettings with every gap, in either direction."""
    from policies.controls import catalogue, gaps, held
    from policies.rule import NotUsable

    try:
        found = mechanisms(settings)
        known = held(catalogue(), found)
    except NotUsable as error:
        raise InvalidSettings([Problem(error.place, error.text, error.way_out)]) from None
    if wrong := gaps(known, found):
        raise InvalidSettings(Problem.told(line) for line in wrong)
    return known


def summary(known: list[Control]) -> str:
    """How many controls each kind of mechanism holds."""
    lines = [f"{len(known)} controls"]
    for kind, title in TITLES.items():
        lines.append(f"  {title:<20} {sum(bool(control.held[kind]) for control in known):>3}")
    twice = sum(sum(map(bool, control.held.values())) > 1 for control in known)
    return "\n".join([*lines, f"  {'by more than one':<20} {twice:>3}"])


def write_matrix(known: list[Control], out: Path) -> list[Path]:
    """The matrix as controls.csv and controls.html."""
    told = "Made from the mechanisms themselves, so it claims nothing that is gone."
    return write_sheet(Sheet("Controls and what holds them", told, HEAD, [_row(one) for one in known]), out, "controls")


def _row(control: Control) -> list[Cell]:
    lists = [control.nist, control.cri, *(control.held[kind] for kind in TITLES)]
    return [control.id, control.statement, *lists]


def _one(control: str | None) -> tuple[str, ...]:
    return (control,) if control else ()
