"""What people do with builds: start them by an event, see what waits, approve. Through Google's own client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cloudbuild.pipelines import Pipeline
from operations.builds.events import Event, starts
from operations.google_words import credentials, told
from operations.outcome import Exit, OperationFailed
from settings.loading import names_of, read
from settings.names import COMMON, Names

if TYPE_CHECKING:
    from google.api_core.operation import Operation
    from google.auth.credentials import Credentials
    from google.cloud.devtools.cloudbuild_v1 import Build, BuildTrigger, CloudBuildClient

PENDING = "PENDING"


@dataclass(frozen=True)
class Desk:
    """The build projects of an installation, seen by one person.

    Where this computer plays Google, `host` is who reports events and delivers messages, as the repository host and
    Pub/Sub do there; `overrides` are substitutions that hold for every build started here.
    """

    names: Names
    credentials: Credentials | None = None
    host: Credentials | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)

    def run(
        self, pipeline: str, known: Pipeline, event: Event, *, trigger: str | None, team: str | None
    ) -> list[Build]:
        """Tell Cloud Build of an event; the builds it started, finished or waiting for approval.

        A message is published as the person, who must be one of the trigger's starters. OperationFailed where no
        trigger of the pipeline (or not the named one) listens to the event.
        """
        words = [trigger] if trigger else list(known.triggers)
        builds = self.tell(pipeline, known, words, event, team=team)
        if not builds:
            text = f"no trigger listens to this {event.kind} of '{event.branch}'"
            way_out = "see 'blueprint build list' for events, branches and files"
            raise OperationFailed(pipeline, text, way_out, code=Exit.BAD_INPUT)
        return builds

    def tell(
        self, pipeline: str, known: Pipeline, words: Iterable[str], event: Event, *, team: str | None
    ) -> list[Build]:
        """The builds that those of the pipeline's triggers start which listen to the event."""
        wanted = {"-".join([pipeline, word, *([team] if known.per_team and team else [])]) for word in words}
        found = [t for t in self._triggers(known.place) if t.name in wanted and starts(t, event)]
        for one in found if event.kind == "message" else ():
            self._publish(one.pubsub_config.topic, event.attributes)
        return [self._start(known.place, one, event) for one in found]

    def checks(self, place: str, repository: str) -> list[BuildTrigger]:
        """The triggers of a build project that look at the pull requests of a repository."""
        configs = [(one, one.repository_event_config) for one in self._triggers(place)]
        return [one for one, of in configs if of.pull_request.branch and of.repository.endswith(f"/{repository}")]

    def waiting(self, place: str) -> list[Build]:
        """Builds of a build project that wait for approval, newest first."""
        with _told():
            return list(
                self._client().list_builds(request={"parent": self._parent(place), "filter": f'status="{PENDING}"'})
            )

    def decide(self, place: str, build: str, *, approve: bool, comment: str) -> Build:
        """Approve or reject a waiting build; the build as it ended, if it was approved."""
        from google.cloud.devtools.cloudbuild_v1 import ApprovalResult, ApproveBuildRequest

        decision = ApprovalResult.Decision.APPROVED if approve else ApprovalResult.Decision.REJECTED
        result = ApprovalResult(decision=decision, comment=comment)
        with _told():
            request = ApproveBuildRequest(name=f"{self._parent(place)}/builds/{build}", approval_result=result)
            begun = self._client().approve_build(request=request)
            return _ended(begun)

    def builder(self, place: str) -> str:
        """Who builds in a build project, as provenance calls it."""
        return f"https://cloudbuild.googleapis.com/{self.names.worker_pool(place)}"

    def build(self, place: str, build: str) -> Build:
        """A build as it is now."""
        with _told():
            return self._client().get_build(request={"name": f"{self._parent(place)}/builds/{build}"})

    def last(self, place: str, than: Build) -> str:
        """The commit of the last build of the same trigger that ended well; empty for the first."""
        request = {"parent": self._parent(place), "filter": 'status="SUCCESS"'}
        with _told():
            for one in self._client().list_builds(request=request):
                if one.build_trigger_id == than.build_trigger_id != "":
                    return str(one.source.connected_repository.revision)
        return ""

    def _publish(self, topic: str, attributes: Mapping[str, str]) -> None:
        from google.pubsub_v1 import PublisherClient, PubsubMessage

        with _told():
            message = PubsubMessage(data=b"{}", attributes=dict(attributes))
            PublisherClient(credentials=self.credentials).publish(topic=topic, messages=[message])

    def _start(self, place: str, trigger: BuildTrigger, event: Event) -> Build:
        from google.cloud.devtools.cloudbuild_v1 import RepoSource, RunBuildTriggerRequest

        branch = event.head if event.kind == "pull_request" else event.branch
        given = event.substitutions(trigger) | {"BRANCH_NAME": branch} | dict(self.overrides)
        source = RepoSource(commit_sha=event.commit, substitutions=given)
        with _told():
            name = f"{self._parent(place)}/triggers/{trigger.id}"
            request = RunBuildTriggerRequest(name=name, trigger_id=trigger.id, source=source)
            begun = self._client(self.host).run_build_trigger(request=request)
            return _ended(begun)

    def _triggers(self, place: str) -> Iterator[BuildTrigger]:
        with _told():
            yield from self._client(self.host).list_build_triggers(request={"parent": self._parent(place)})

    def _parent(self, place: str) -> str:
        return f"projects/{self.names.project(COMMON, place)}/locations/{self.names.organization.region}"

    def _client(self, who: Credentials | None = None) -> CloudBuildClient:
        from google.cloud.devtools.cloudbuild_v1 import CloudBuildClient

        return CloudBuildClient(credentials=who or self.credentials or credentials("Cloud Build"))


def _ended(begun: Operation) -> Build:
    """A build at its end, however long it takes. Danger: by itself the client gives up after a quarter of an hour."""
    from google.api_core.future.polling import POLLING_PREDICATE
    from google.api_core.retry import Retry

    looks = Retry(predicate=POLLING_PREDICATE, initial=0.5, maximum=5.0, multiplier=1.2, timeout=None)
    ended: Build = begun.result(polling=looks)  # type: ignore[no-untyped-call]
    return ended


def _told() -> AbstractContextManager[None]:
    return told("Cloud Build", "see 'blueprint build approvals'", missing=Exit.BAD_INPUT)


@contextmanager
def sandbox_desk(
    root: Path, settings: Path, repository: Path | None, principal: str, line: Callable[[str], None]
) -> Iterator[Desk]:
    """A desk in front of the sandbox below `root`, whose builds run on this computer.

    They get their code from `repository`, or from the sandbox's Git host.
    """
    from operations.builds.runner import credentials as of
    from operations.runners import Workshop
    from operations.serving import served
    from operations.target import home_of
    from sandbox import redirect

    workshop = Workshop(home_of("sandbox", root), repository, line=line, settings=settings)
    with served(root, host="127.0.0.1", port=0, principal=principal, workshop=workshop) as api:
        redirect.install(api.endpoint, principal)
        yield Desk(names_of(read(settings)), of(principal), of(redirect.OPERATOR), {"_TARGET": "sandbox"})
