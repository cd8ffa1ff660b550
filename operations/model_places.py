"""Who answers for models: the stand-in of this computer, or Vertex AI at the sandbox or at Google."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.outcome import OperationFailed
from operations.serving import clients
from pipelines.genai import cards
from pipelines.genai.assets import Assets
from pipelines.genai.stub import Stub
from pipelines.genai.vertex.models import VertexModels
from pipelines.genai.vertex.place import Place
from pipelines.genai.writer import ModelFailed, Writer
from sandbox import redirect
from settings.loading import names_of
from settings.model import Installation
from settings.problems import InvalidSettings, Problem, suggestion

STUB = "stub"
LABELS = {"sandbox": "STUB behind the sandbox's Vertex AI", "google": "Vertex AI"}


@contextmanager
def reached(models: str, installation: Installation, environment: str, team: str = "") -> Iterator[Place | None]:
    """Where Google's clients go while the block runs; None for the stand-in. What Google refuses ends as a failure."""
    if environment not in installation.environments:
        way_out = suggestion(environment, installation.environments, "see settings/environments")
        raise InvalidSettings([Problem("--environment", f"there is no environment '{environment}'", way_out)])
    if models == STUB:
        yield None
        return
    place = _place(models, installation, environment, team)
    with clients(models, Path.cwd()):
        try:
            yield place
        except ModelFailed as error:
            way_out = "see that the environment is deployed, and whether you may use its models"
            raise OperationFailed(place.parent, str(error), way_out) from None


def writer_of(assets: Assets, place: Place | None) -> Writer:
    """Who writes there: the model of each card, or the stand-in."""
    return VertexModels(place, cards.read_all(assets)) if place else Stub()


def _place(models: str, installation: Installation, environment: str, team: str) -> Place:
    generative = [key for key, it in installation.teams.items() if it.purpose == "generative"]
    team = team or (generative[0] if len(generative) == 1 else "")
    if team not in generative:
        way_out = suggestion(team, generative, f"choose one of {', '.join(generative) or 'none yet'}")
        raise InvalidSettings([Problem("--team", f"'{team}' is no generative team", way_out)])
    names = names_of(installation)
    return Place(
        project=names.project(environment, team),
        region=installation.organization.region,
        label=LABELS["sandbox" if redirect.ENDPOINT in os.environ else models],
        bucket=names.bucket(environment, team, "staging"),
        service_account=names.service_account(environment, team, "pipeline"),
        dataset=names.dataset("monitoring"),
        network=names.network_link(environment),
        key=names.key(environment, installation.organization.region, "aiplatform"),
    )
