"""The estate with every perimeter enforced: who deploys passes by a level or a door, and each door is missed."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from operations.graph import Graph
from operations.synth import synth
from sandbox import physics
from sandbox.iam.origins import INTERNET
from sandbox.physics.change import Broken, Change
from sandbox.physics.rules import perimeters_pass
from sandbox.physics.world import World
from sandbox.store import Store
from tests.mutation.applier import Applied, Applier, in_order, nodes

ROOT = Path(__file__).parents[2]
BUILDS, MODE = "acme-com-delivery-i-k7q2", re.compile(r"^((common_)?perimeter): dry_run$", re.MULTILINE)
PROTECTED = "artifacts catalog data delivery interactive keys network observability operational organization"
LEVEL = "google_access_context_manager_access_level"
DOOR = re.compile(r"google_access_context_manager_service_perimeter_(in|e)gress_policy")
READS = re.compile(r"deploy-plan-.*|seed-network|state-.*")
"""Doors for reading, and those of builders to what no stack makes: physics judges changes, and these make none."""


def enforced(folder: Path, leaving_out: str = "") -> Graph:
    """The example installation with every perimeter enforced, and perhaps without a team."""
    settings = folder / "settings"
    shutil.copytree(ROOT / "settings", settings, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file in (settings / "organization.yaml", *settings.glob("environments/*.yaml")):
        text, found = MODE.subn(r"\1: enforced", file.read_text())
        assert found == 1, file
        file.write_text(text)
    if leaving_out:
        (settings / f"teams/{leaving_out}.yaml").unlink()
    return synth(settings, folder / "out")


def applied(graph: Graph, store: Store, schemas, origin: str, known: dict[str, dict] | None = None) -> list[Applied]:
    """Apply, from a place, what is not `known` yet: values by stack and address. Raises what is refused."""
    applier = Applier(store, schemas, lambda change: physics.check(store, change), origin=origin)
    known, found = {} if known is None else known, []
    for name, plan in graph.stacks.items():
        if name == "exchange":
            # Google wants titles to be unique: a rule that changes goes before it comes.
            for address, values in known.pop(name, {}).items():
                store.delete(address.partition(".")[0], values["id"])
        wanted, there = nodes(name, plan.document()), known.get(name, {})
        new = [wanted[address] for address in in_order(wanted) if address not in there]
        found += [made for _, made in applier.stack(plan.document(), new, there) if made]
        known[name] = applier.known
    return found


def refused(changes: list[Change], store: Store) -> list[Change]:
    found = []
    for change in changes:
        try:
            perimeters_pass.check(change, World(store))
        except Broken:
            found.append(change)
    return found


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    return enforced(tmp_path_factory.mktemp("enforced"))


@pytest.fixture(scope="module")
def estate(graph, schemas, tmp_path_factory):
    """Everything, deployed by people at their workplaces."""
    with Store(tmp_path_factory.mktemp("estate") / "cloud.db") as store:
        yield store, applied(graph, store, schemas, "workplace")


def changed(made: list[Applied], origin: str) -> list[Change]:
    """Every change of a deploying identity once more, from elsewhere."""
    again = (replace(it.change, action="update", values=it.values, prior=it.values, origin=origin) for it in made)
    return [change for change in again if change.caller]


def test_builds_change_everything_and_nobody_changes_anything_protected_from_the_internet(estate):
    store, made = estate
    assert refused(changed(made, BUILDS), store) == []
    stopped = refused(changed(made, INTERNET), store)
    assert {change.caller.partition("@")[0] for change in stopped} == {
        f"serviceAccount:deploy-{concern}" for concern in PROTECTED.split()
    }


def test_each_door_of_a_deployer_is_missed_by_its_builds(estate):
    store, made = estate
    doors = [it for it in made if DOOR.fullmatch(it.change.type)]
    of_builds = [it for it in doors if re.match(r"(deploy|seed|state)-", str(it.values["title"]))]
    changes, unmissed = changed(made, BUILDS), []
    for door in of_builds:
        way = next(door.values[name][0] for name in ("ingress_from", "egress_from") if door.values.get(name))
        own = [change for change in changes if change.caller in way["identities"]]
        with store.trial():
            store.delete(door.change.type, door.id)
            if not refused(own, store):
                unmissed.append(str(door.values["title"]))
    assert len(of_builds) > 40
    assert [title for title in unmissed if not READS.fullmatch(title)] == []


def test_whoever_is_no_longer_at_the_level_deploys_nothing_from_a_workplace(estate):
    store, made = estate
    level = next(it for it in made if it.change.type == LEVEL and "deployers" in it.id)
    for condition in level.values["basic"][0]["conditions"]:
        for member in condition["members"]:
            own = [change for change in changed(made, "workplace") if change.caller == member]
            others = [{**condition, "members": [it for it in condition["members"] if it != member]}]
            protected = refused([replace(change, origin=INTERNET) for change in own], store)
            with store.trial():
                store.put(LEVEL, level.id, level.values | {"basic": [{"conditions": others}]})
                assert len(refused(own, store)) == len(protected), member


def test_a_build_brings_a_new_team_into_a_perimeter_that_is_enforced(graph, schemas, tmp_path):
    known: dict[str, dict] = {}
    with Store(tmp_path / "cloud.db") as store:
        applied(enforced(tmp_path, leaving_out="assistant"), store, schemas, "workplace", known)
        of_team = [made for made in applied(graph, store, schemas, BUILDS, known) if made.change.caller]
        assert {made.change.text("project") for made in of_team} >= {
            f"acme-{environment}-assistant-k7q2" for environment in ("int", "npr", "prd")
        }
