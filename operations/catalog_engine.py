"""Infrastructure Manager, through Google's own client: takes an archive, makes what it describes, keeps the state.

The same calls go to Google and to the sandbox, which stands in for it: there the Terraform that is installed makes what
Google makes with 1.5.7. Each call is made as the launcher of a team's project, each deployment works as the deployer
of its template.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from operations import google_words
from operations.catalog_deployment import CHANGEABLE, Deployment, asked, outputs_of, read
from operations.outcome import Exit, OperationFailed

if TYPE_CHECKING:
    from google.api_core.operation import Operation
    from google.auth.credentials import Credentials
    from google.cloud.config_v1 import ConfigClient

PROJECTS = "https://cloudresourcemanager.googleapis.com/v3/projects"
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.1, 5.0, 1.3

Progress = Callable[[str], None]
Values = dict[str, Any]


class Failed(Exception):  # noqa: N818
    """Terraform failed; `resources` are the addresses that exist nevertheless."""

    def __init__(self, words: str, resources: list[str]) -> None:
        super().__init__(words)
        self.resources = resources


class Taken(Exception):  # noqa: N818
    """There is a deployment of this name, or it is locked by a change under way."""


def silent(_: str) -> None:
    """Progress that nobody watches."""


@dataclass
class Engine:
    """The deployments of an installation. `who` gives the credentials that act in a project."""

    region: str
    who: Callable[[str], Credentials]
    _clients: dict[str, ConfigClient] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _made: dict[str, tuple[Values, list[str]]] = field(default_factory=dict)

    def records(self, project: str) -> list[Deployment]:
        """The deployments of a project, by name."""
        with told(project):
            found = list(self._client(project).list_deployments(parent=self._parent(project)))
            return sorted(self._still_there(project, found), key=lambda it: it.name)

    def _still_there(self, project: str, found: Iterable[Any]) -> Iterator[Deployment]:
        """What was listed, but for what was taken down since."""
        from google.api_core.exceptions import NotFound

        for one in found:
            with suppress(NotFound):
                yield self._read(project, one)

    def record(self, project: str, name: str) -> Deployment | None:
        """One deployment; None where there is none."""
        from google.api_core.exceptions import NotFound

        try:
            with told(project):
                return self._read(project, self._client(project).get_deployment(name=self._name(project, name)))
        except NotFound:
            return None

    def number(self, project: str) -> str | None:
        """The number of a project; None where there is none that the launcher may see."""
        from google.api_core.exceptions import Forbidden, NotFound, from_http_response
        from google.auth.transport.requests import AuthorizedSession

        if project not in self._numbers:
            with told(project):
                session = AuthorizedSession(self.who(project))  # type: ignore[no-untyped-call]
                answer = session.get(f"{PROJECTS}/{project}")
                if answer.status_code in (Forbidden.code, NotFound.code):
                    return None
                if not answer.ok:
                    raise from_http_response(answer)  # type: ignore[no-untyped-call]
            self._numbers[project] = str(answer.json()["name"]).removeprefix("projects/")
        return self._numbers[project]

    def begin(self, wanted: Deployment, *, new: bool) -> Operation:
        """Have a deployment made or changed. Taken where its name is, or where it is being changed already."""
        from google.protobuf.field_mask_pb2 import FieldMask

        client, body = self._client(wanted.project), asked(wanted)
        body.name = self._name(wanted.project, wanted.name)
        with told(wanted.name):
            if new:
                return client.create_deployment(
                    parent=self._parent(wanted.project), deployment_id=wanted.name, deployment=body
                )
            return client.update_deployment(deployment=body, update_mask=FieldMask(paths=CHANGEABLE))

    def end(self, wanted: Deployment, operation: Operation, progress: Progress = silent) -> Deployment:
        """The deployment once it is made. Failed where Terraform does."""
        self._wait(wanted, operation, progress)
        made = must_exist(self, wanted.project, wanted.name)
        if made.state != "ACTIVE":
            raise Failed(made.error or f"ended as {made.state}", made.resources)
        return made

    def delete(self, gone: Deployment, progress: Progress = silent) -> None:
        """Take down a deployment with all it made. Failed where something stays, Taken where it is being changed."""
        from google.api_core.exceptions import NotFound

        request = {"name": self._name(gone.project, gone.name), "force": True}
        with suppress(NotFound), told(gone.name):
            self._wait(gone, self._client(gone.project).delete_deployment(request=request), progress)
        left = self.record(gone.project, gone.name)
        if left is not None:
            raise Failed(left.error, left.resources)

    def preview(self, wanted: Deployment, *, existing: bool) -> list[str]:
        """What making a deployment would do, a line for each resource; nothing is made. Failed where Terraform does."""
        from google.api_core.exceptions import NotFound
        from google.cloud.config_v1 import Preview

        client, body = self._client(wanted.project), asked(wanted)
        of = self._name(wanted.project, wanted.name) if existing else ""
        fresh = Preview(
            terraform_blueprint=body.terraform_blueprint,
            service_account=body.service_account,
            deployment=of,
            artifacts_gcs_bucket=wanted.runs or None,
        )
        with told(wanted.name):
            made = client.create_preview(parent=self._parent(wanted.project), preview=fresh)
            name = made.metadata.target
            try:
                self._wait(wanted, made, silent)
                shown = made.result()  # type: ignore[no-untyped-call]
                changes = [(it.terraform_info, it.intent) for it in client.list_resource_changes(parent=name)]
            finally:
                with suppress(NotFound):
                    client.delete_preview(name=name)
        if errors := [it.error_description for it in shown.tf_errors]:
            raise Failed("; ".join(errors), [])
        return [f"{intent.name.lower()} {info.address}" for info, intent in changes]

    def _wait(self, of: Deployment, operation: Operation, progress: Progress) -> None:
        pause, seen = FIRST_PAUSE, set[str]()
        with told(of.name):
            while not operation.done():  # type: ignore[no-untyped-call]
                time.sleep(pause)
                pause = min(pause * GROWTH, LONGEST_PAUSE)
                if progress is not silent:
                    self._report(of, progress, seen)
            operation.result()  # type: ignore[no-untyped-call]
        self._report(of, progress, seen)

    def _report(self, of: Deployment, progress: Progress, seen: set[str]) -> None:
        """Tell what became ready since the last time."""
        from google.api_core.exceptions import GoogleAPICallError

        try:
            revisions = self._client(of.project).list_revisions(parent=self._name(of.project, of.name))
            newest = max((it.name for it in revisions), key=_number, default="")
            ready = self._resources(of.project, newest) if newest else []
        except GoogleAPICallError:
            return
        for address in ready:
            if address not in seen:
                seen.add(address)
                progress(address)

    def _resources(self, project: str, revision: str) -> list[str]:
        from google.cloud.config_v1 import Resource

        held = self._client(project).list_resources(parent=revision)
        return [it.terraform_info.address for it in held if it.state != Resource.State.IN_PROGRESS]

    def _read(self, project: str, found: Any) -> Deployment:
        """A deployment as it is shown, with what its last revision made; a revision that ended never changes."""
        from google.protobuf.json_format import MessageToDict

        shown: Values = MessageToDict(type(found).pb(found))
        revision = shown.get("latestRevision", "")
        if revision and revision not in self._made:
            ended = self._client(project).get_revision(name=revision)
            outputs = outputs_of(MessageToDict(type(ended).pb(ended)))
            self._made[revision] = outputs, sorted(self._resources(project, revision))
        return read(shown, project, *self._made.get(revision, ({}, [])))

    def _client(self, project: str) -> ConfigClient:
        from google.cloud.config_v1 import ConfigClient

        if project not in self._clients:
            self._clients[project] = ConfigClient(credentials=self.who(project))
        return self._clients[project]

    def _parent(self, project: str) -> str:
        return f"projects/{project}/locations/{self.region}"

    def _name(self, project: str, name: str) -> str:
        return f"{self._parent(project)}/deployments/{name}"


def _number(revision: str) -> int:
    return int(revision.rpartition("r-")[2])


@contextmanager
def told(place: str) -> Iterator[None]:
    """What Google's client raises, as a failure that says what to do; what is not there stays as it is."""
    from google.api_core.exceptions import Conflict, NotFound

    way_out, refused = "see 'blueprint catalog describe'", "ask the platform's engineers"
    try:
        with google_words.told(place, way_out, refused=refused, let=(Conflict, NotFound)):
            yield
    except Conflict as error:
        raise Taken(error.message) from None


def must_exist(engine: Engine, project: str, name: str) -> Deployment:
    """A deployment by name. OperationFailed where there is none."""
    found = engine.record(project, name)
    if found is None:
        text, way_out = f"does not exist in {project}", "see 'blueprint catalog deployments'"
        raise OperationFailed(f"deployment '{name}'", text, way_out, code=Exit.BAD_INPUT)
    return found
