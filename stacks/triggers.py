"""Triggers: the repositories connected to Cloud Build, and what starts each of the four pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from constructs import Construct

from cloudbuild.pipelines import Pipeline, Trigger, builder_image, read_build
from settings.model import Organization
from settings.names import COMMON, Names
from stacks.constructs.build_trigger import BuildTrigger
from stacks.constructs.repository_connection import RepositoryConnection
from stacks.delivery import TOKENS
from stacks.stack import Stack
from stacks.tables import Delivery


class TriggersStack(Stack):
    """Each build project's connection with the repository host, and the triggers of the pipelines that live there.

    It comes after delivery because people add the tokens in between. `pipelines` are those of cloudbuild/ by key,
    `teams` maps a team to its repository, `purposes` to what it makes,
    `team_personas` are the personas of which every team has its own group.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        pipelines: Mapping[str, Pipeline],
        table: Delivery,
        teams: Mapping[str, str],
        purposes: Mapping[str, str],
        team_personas: Sequence[str],
    ) -> None:
        super().__init__(scope, id_, organization=organization, names=names, environment=COMMON, concern="delivery")
        self._teams, self._team_personas, self._table = teams, team_personas, table
        self._connections = {
            place: self._connect(place, [p for p in pipelines.values() if p.place == place]) for place in table.places
        }
        for key, pipeline in pipelines.items():
            for word, trigger in pipeline.triggers.items():
                own = sorted(team for team in teams if trigger.purpose in (None, purposes[team]))
                for team in own if pipeline.per_team else [None]:
                    self._trigger(key, pipeline, word, trigger, team)

    def _repositories(self, trigger: Trigger) -> dict[str, str]:
        if trigger.repository == "team":
            return {f"team-{team}": name for team, name in self._teams.items()}
        return {trigger.repository: getattr(self.organization.repositories, trigger.repository)}

    def _connect(self, place: str, pipelines: Sequence[Pipeline]) -> RepositoryConnection:
        names, provider, project = (
            self.names,
            self.organization.repositories.provider,
            self.names.project(COMMON, place),
        )
        used: dict[str, str] = {}
        for pipeline in pipelines:
            for trigger in pipeline.triggers.values():
                used |= self._repositories(trigger)
        secrets = {token: names.repository_token(token) for token in TOKENS[provider.host]}
        return RepositoryConnection(
            self,
            place,
            project_id=project,
            location=self.region,
            name=names.resource("repositories"),
            provider=provider,
            tokens={token: f"projects/{project}/secrets/{name}/versions/latest" for token, name in secrets.items()},
            repositories=used,
        )

    def _trigger(self, key: str, pipeline: Pipeline, word: str, trigger: Trigger, team: str | None) -> None:
        names, place, parts = self.names, pipeline.place, [key, word, *([team] if team else [])]
        per_team = self._table.builders[trigger.builder].per_team
        account = names.service_account(COMMON, place, f"{trigger.builder}-{team}" if per_team else trigger.builder)
        BuildTrigger(
            self,
            "-".join(parts),
            project_id=names.project(COMMON, place),
            location=self.region,
            name="-".join(parts),
            description=f"{pipeline.title}: cloudbuild/{key}/{trigger.build}",
            trigger=trigger,
            build=read_build(key, trigger.build),
            own_code=pipeline.own_code,
            account=f"projects/{names.project(COMMON, place)}/serviceAccounts/{account}",
            repository=self._connections[place].repository(f"team-{team}" if team else trigger.repository),
            branch=getattr(self.organization.repositories, trigger.branch),
            worker_pool=names.worker_pool(place),
            substitutions=self._known(team) | trigger.substitutions,
            starters=self._starters(trigger, [team] if team else sorted(self._teams)),
            schedule=getattr(self.organization.builds, trigger.schedule) if trigger.schedule else None,
            topic_key=names.key(COMMON, self.region, "pubsub"),
        )

    def _known(self, team: str | None) -> dict[str, str]:
        names, images = self.names, self.names.repository("images")
        known = {
            "_BUILDER": builder_image(images),
            "_IMAGES": images,
            "_PIPELINES": names.repository("pipelines"),
            "_PLANS": names.plan_bucket(),
            "_TARGET": "google",
            "_TEMPLATES": names.template_bucket(),
        }
        return known | ({"_TEAM": team} if team else {})

    def _starters(self, trigger: Trigger, teams: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for persona in trigger.starters:
            if persona in self._team_personas:
                found |= {f"{persona}-{team}": self.names.group(persona, team) for team in teams}
            else:
                found[persona] = self.names.group(persona)
        return {key: f"group:{address}" for key, address in found.items()}
