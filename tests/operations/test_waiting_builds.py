"""Which of the builds that wait is meant: one of the named pipeline, and of its named trigger."""

from __future__ import annotations

import pytest
from google.cloud.devtools.cloudbuild_v1 import Build

from operations.builds import running
from operations.outcome import OperationFailed


def build(id_: str, trigger: str) -> Build:
    return Build(id=id_, substitutions={"TRIGGER_NAME": trigger})


def test_a_build_of_another_pipeline_in_the_same_project_is_never_meant() -> None:
    waiting = [build("1", "container-promote"), build("2", "operational-release-churn")]
    assert [one.id for one in running.of_pipeline("container", waiting)] == ["1"]
    assert running.of_pipeline("interactive", waiting) == []


def test_of_several_builds_one_is_named_by_its_trigger() -> None:
    waiting = [build("1", "infrastructure-apply-interactive"), build("2", "infrastructure-apply-production")]
    assert running.the_one("infrastructure", "apply-production", waiting) == "2"
    with pytest.raises(OperationFailed, match="2 builds wait for an approval; name one of"):
        running.the_one("infrastructure", None, waiting)
    with pytest.raises(OperationFailed, match="no build waits"):
        running.the_one("infrastructure", "apply-foundation", waiting)
