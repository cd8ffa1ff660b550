"""Brings a model that passed in nonproduction to production: the same bytes, as a canary beside the champion."""

from __future__ import annotations

import shutil
from typing import NamedTuple

import pandas as pd

from pipelines.artifacts import Report, file_digest, write_whole
from pipelines.flow import Flow
from pipelines.gate import Verdict
from pipelines.place import Place
from pipelines.release import Refused, Release
from pipelines.services import registry as registries
from pipelines.services.endpoints import Endpoint
from pipelines.services.monitoring import Monitor
from pipelines.services.registry import Registry, Version
from pipelines.services.turn import Turn
from pipelines.steps.deploy import canary
from settings.problems import Problem


class Made(NamedTuple):
    promotion: Report


def run(
    *,
    release: Release,
    run: str,
    flow: Flow,
    place: Place,
    registry: Registry,
    endpoint: Endpoint,
    monitor: Monitor,
    turn: Turn,
) -> Made:
    """The new version, its digest and who approved it. Refused for other bytes than those that passed, for a model that
    did not pass, and where somebody else was faster. After a crash it goes on where it was."""
    with turn.taken():
        champion = registry.champion()
        crowned = champion is not None and _is(champion, release) and champion.version != release.expected
        if not crowned:
            _may(release, champion, registry, endpoint)
        source = _passed(release)
        uri = place.uri(run, "promote", "model.pickle")
        write_whole(place.file(uri), lambda to: shutil.copyfile(source.place.file(source.uri), to))
        made = registry.upload(uri, source.digest, release.run, source.card)
        if made.retired:
            raise _refused(f"version {made.version} is retired here ({made.retired})", "train and evaluate again")
        if not crowned and made.version not in endpoint.traffic():
            split = canary(release.expected, made.version, flow.serving.canary.percent)
            for version in split:
                endpoint.deploy(version)
            _may(release, registry.champion(), registry, endpoint)  # deploying takes its time
            endpoint.share(split)
        if release.expected is None and not registry.crown(made.version, None):
            raise _refused("another version became champion meanwhile", "look again")
    job = monitor.watch(made.version, _training(release))
    facts = {"version": made.version, "traffic": endpoint.traffic(), "monitoring": job}
    return Made(release.record() | facts | {"decision": source.card["decision"]})


def _is(version: Version, release: Release) -> bool:
    """Whether it is what the release brings, left by a promotion that died."""
    return (version.run, version.digest) == (release.run, release.digest)


def _may(release: Release, champion: Version | None, registry: Registry, endpoint: Endpoint) -> None:
    found = champion.version if champion else None
    if found != release.expected:
        raise _refused(f"the champion is {found or 'none'}, not {release.expected or 'none'}", "look again")
    there = [one for one in endpoint.traffic() if one != found]
    others = [one for one in registry.versions() if one.version in there and not _is(one, release)] if there else []
    if others:
        raise _refused(f"version {others[0].version} is on trial", "conclude its canary first")
    if champion and champion.digest == release.digest:
        raise _refused(f"the champion {champion.version} is this model already", "promote another one")


def _passed(release: Release) -> Version:
    known = registries.at(release.source).versions()
    found = next((one for one in known if (one.version, one.digest) == (release.version, release.digest)), None)
    if found is None or found.card["decision"]["verdict"] != Verdict.PASS.name:
        raise _refused(f"version {release.version} of run {release.run} did not pass", "promote one that has passed")
    if found.retired:
        raise _refused(f"version {release.version} is retired ({found.retired})", "promote one that is in use")
    if file_digest(found.place.file(found.uri)) != release.digest:
        raise _refused(f"the bytes of {found.uri} are not those that passed", "train and evaluate again")
    return found


def _training(release: Release) -> pd.DataFrame:
    """What the model was trained on, with the features as serving has them."""
    step, output = ("read_features", "featured") if release.source.feature_store else ("split", "training")
    return pd.read_parquet(release.source.file(release.source.uri(release.run, step, f"{output}.parquet")))


def _refused(what: str, way_out: str) -> Refused:
    return Refused([Problem("promotion", what, way_out)])
