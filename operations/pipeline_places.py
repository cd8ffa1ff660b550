"""Where a team's pipelines run: everything a run has to know about its environment, computed from settings."""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from operations.commits import head
from operations.images.approved import approved
from operations.images.desk import Images
from operations.target import home_of
from pipelines.execute import Run
from pipelines.flow import read_flow
from pipelines.place import Laptop, Place, Table
from settings.folder import parse_yaml
from settings.loading import names_of, read
from settings.model import BigQuerySource, Installation
from settings.problems import InvalidSettings, Problem, suggestion

ROOM = Path(__file__).parents[1] / "pipelines"
UNKNOWN = f"nowhere/unknown@sha256:{64 * '0'}"


def opened(settings: Path, team: str, environment: str, *, image: str | None, target: str = "sandbox") -> Place:
    """The place of a team in this folder's sandbox, or at Google."""
    folder = laptop(target)
    return place_of(read(settings), team, environment, image=image, folder=folder)


def elsewhere(settings: Path, team: str, environment: str, *, target: str) -> Place:
    """The place for whoever runs nothing there, or what is published: a version brings its image along.

    On a laptop stand-ins play Google's services; the sandbox has its own.
    """
    found = opened(settings, team, environment, image=UNKNOWN if target == "google" else None, target=target)
    if found.laptop is None or target == "laptop":
        return found
    return found.model_copy(update={"laptop": found.laptop.model_copy(update={"services": True})})


def published_from(settings: Path, team: str, environment: str, *, image: str | None, target: str) -> Place:
    """The place for whoever publishes: its image is the one that was given, or else approved last, and it is sealed.

    OperationFailed (a gate says no) for an image whose seal does not hold. The sandbox's own stand-in has none.
    """
    names = names_of(read(settings))
    known = {"image": image} if image else approved(names, team)
    if known:
        Images(names).verify(known["image"])
    return opened(settings, team, environment, image=known["image"] if known else None, target=target)


def laptop(target: str) -> Path | None:
    """Where the stand-ins of this computer's sandbox live."""
    return None if target == "google" else home_of("sandbox", Path.cwd()).absolute() / "pipelines"


def prepared(place: Place, name: str, parameters: str) -> Run:
    """A run with parameters given as text; all that is wrong with them is told before anything runs."""
    chosen = parse_yaml(parameters, "--parameters") or {}
    if not isinstance(chosen, dict):
        raise InvalidSettings([Problem("--parameters", "is not a mapping", "write it as '{seed: 3}'")])
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise InvalidSettings([Problem("--run", f"'{name}' is no name", "use up to 40 letters, digits and dashes")])
    letters = hashlib.sha256(repr(sorted(chosen.items())).encode()).hexdigest()[:4]
    run = Run(name or f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{letters}", place, chosen, commit_here())
    read_flow(place.team).chosen(chosen, "--parameters")
    return run


def orchestrator_of(settings: Path, team: str, chosen: str | None) -> str:
    """What runs a team's pipeline: what was chosen, or else the team's own."""
    return chosen or read(settings).teams[team].orchestrator


def commit_here() -> str:
    """The commit of this folder's code."""
    return head(ROOM)


def notebook(settings: Path, team: str) -> Place:
    """The interactive place of a team, as a notebook has it: jobs run as the notebook's identity.

    Before an image is approved a stand-in is named, which only the sandbox runs.
    """
    installation = read(settings)
    place = place_of(installation, team, "interactive", image=None, folder=Path(), kind="interactive")
    account = names_of(installation).service_account("interactive", team, "notebook")
    return place.model_copy(update={"laptop": None, "service_account": account})


def place_of(
    installation: Installation,
    team: str,
    environment: str,
    *,
    image: str | None,
    folder: Path | None,
    kind: str = "operational",
) -> Place:
    """The place of a team. `folder` is where the stand-ins of this computer live; None means Google."""
    names, organization = names_of(installation), installation.organization
    if team not in installation.teams:
        way_out = suggestion(team, installation.teams, f"there are {', '.join(installation.teams)}")
        raise InvalidSettings([Problem("settings/teams", f"no team is called '{team}'", way_out)])
    settings = next((e for key, e in installation.environments.items() if key == environment), None)
    if settings is None or settings.kind != kind:
        known = [key for key, e in installation.environments.items() if e.kind == kind]
        what = f"'{environment}' is no {kind} environment"
        raise InvalidSettings([Problem("--environment", what, f"there are {', '.join(known)}")])
    flow, it = read_flow(team), installation.teams[team]
    project = names.project(environment, team)
    return Place(
        team=team,
        environment=environment,
        project=project,
        region=organization.region,
        source_project=names.project("data", flow.source),
        source_dataset=names.dataset(flow.source),
        dataset=names.dataset("prepared"),
        bucket=names.bucket(environment, team, "staging"),
        definitions=names.bucket(environment, team, "definitions"),
        service_account=names.service_account(environment, team, "pipeline"),
        network=names.network_link(environment),
        key=names.key(environment, organization.region, "aiplatform"),
        image=image or _image(names.repository("images"), team, folder),
        experiment=names.resource(team),
        tensorboard=names.tensorboard(it.title),
        endpoint=names.endpoint(environment, team, flow.serving.endpoint),
        features=f"{project}.{names.dataset('features')}.features",
        feature_store=names.dataset(team) if it.feature_store else None,
        labels=names.labels(environment, team, team=team),
        contact=it.contact,
        composer=names.resource(team),
        laptop=_laptop(installation, team, folder) if folder else None,
    )


def _laptop(installation: Installation, team: str, folder: Path) -> Laptop:
    return Laptop(folder=str(folder), tables=_tables(installation, team), python=sys.executable)


def _image(repository: str, team: str, folder: Path | None) -> str:
    """On a laptop no image is built: the digest is that of the pipeline's own source."""
    if folder is None:
        way_out = f"have one approved, or name it: {repository}/{team}@sha256:..."
        raise InvalidSettings([Problem("--image", "is missing, and none is approved", way_out)])
    found = hashlib.sha256()
    for path in sorted(p for p in ROOM.rglob("*") if p.suffix in (".py", ".yaml", ".sql")):
        found.update(path.read_bytes())
    return f"{repository}/{team}@sha256:{found.hexdigest()}"


def _tables(installation: Installation, team: str) -> dict[str, Table]:
    flow = read_flow(team)
    source = installation.sources.get(flow.source)
    if not isinstance(source, BigQuerySource):
        raise InvalidSettings(
            [Problem(f"pipelines/flows/{team}/flow.yaml.source", "is no BigQuery source", "name one")]
        )
    out = {}
    for name in flow.tables:
        table = source.tables[name]
        filters = [access.filter for access in table.row_access.values() if access.team == team]
        if table.example:
            path = str((ROOM.parent / "settings" / table.example).resolve())
            out[name] = Table(path=path, filter=" OR ".join(f"({one})" for one in filters) or None)
    return out
