"""Observability: one project that sees all others, calls people when something is wrong, and watches the money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cdktf_cdktf_provider_google.project_iam_member import ProjectIamMember
from constructs import Construct

from groups.personas import Persona, grants
from settings.model import Alerts, Environment, Organization, Team
from settings.names import COMMON, Names
from settings.values import EnvironmentKey
from stacks.constructs.access_policy import access_policy_of
from stacks.constructs.alert import AlertPolicy
from stacks.constructs.budget import Budget
from stacks.constructs.dashboard import Dashboard
from stacks.constructs.folder import folder_of
from stacks.constructs.log_counter import LogCounter
from stacks.constructs.metrics_scope import Channels, MetricsScope
from stacks.constructs.parent import role_key
from stacks.constructs.perimeter import Mode, PerimeterMember
from stacks.constructs.project import Project
from stacks.stack import Stack
from stacks.tables import Alert, Watching

CONTACTS = ("billing", "security", "technical")


class ObservabilityStack(Stack):
    """Monitoring over every team project, alerts per environment to who can act on them, a dashboard per environment.

    `projects` maps "common" and each environment to a pattern of its projects' ids, for what concerns security there.
    Alerts about a model go to its team, alerts about keys, perimeters and policies to security.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        organization: Organization,
        names: Names,
        apis: list[str],
        environments: Mapping[EnvironmentKey, Environment],
        teams: Mapping[str, Team],
        projects: Mapping[str, str],
        watching: Watching,
        words: Mapping[str, str],
        personas: Mapping[str, Persona],
        mode: Mode,
    ) -> None:
        """`words` are what the placeholders of the table's log filters stand for."""
        super().__init__(
            scope, id_, organization=organization, names=names, environment=COMMON, concern="observability"
        )
        self._teams, self._watching = teams, watching
        self._common = folder_of(self, COMMON, organization=organization, names=names)
        self._project = self._monitoring_project(apis, mode)
        self._monitored = self._metrics_scope(environments)
        self._channels = self._notification_channels()
        self._counters = self._log_counters(words)
        for key, environment in environments.items():
            self._team_alerts(key, environment.alerts)
            Dashboard(
                self,
                f"dashboard-{key}",
                project_id=self._project.using("monitoring"),
                title=f"Models in {key}",
                tiles=watching.tiles,
                projects={team: names.project(key, team) for team in teams},
            )
        for place, watched in projects.items():
            self._security_alerts(place, watched)
        self._grants(personas)
        self._budget()

    def _monitoring_project(self, apis: list[str], mode: Mode) -> Project:
        project = Project(
            self,
            "project",
            project_id=self.names.project(COMMON, "monitoring"),
            folder=self._common,
            billing_account=self.organization.billing_account,
            labels=self.names.labels(COMMON, "monitoring"),
            apis=apis,
            adopted=self.organization.existing.projects.get(f"{COMMON}-monitoring"),
        )
        PerimeterMember(
            self,
            "perimeter",
            access_policy=access_policy_of(self, organization=self.organization),
            perimeter=self.names.perimeter(COMMON),
            project_number=project.number,
            mode=mode,
        )
        return project

    def _metrics_scope(self, environments: Iterable[str]) -> dict[str, Any]:
        """The logging project, which counts log entries, and every team's."""
        watched = {"logging": self.names.project(COMMON, "logging")}
        for key in environments:
            watched |= {f"{key}-{team}": self.names.project(key, team) for team in self._teams}
        scope = MetricsScope(self, "monitored", project_id=self._project.using("monitoring"), projects=watched)
        return dict(scope.members)

    def _notification_channels(self) -> dict[str, str]:
        """Channel by contact category or team."""
        wanted = {key: getattr(self.organization.contacts, key) for key in CONTACTS}
        wanted |= {f"team-{key}": team.contact for key, team in self._teams.items()}
        return Channels(self, "channel", project_id=self._project.using("monitoring"), addresses=wanted).names

    def _log_counters(self, words: Mapping[str, str]) -> dict[str, LogCounter]:
        project = self.names.project(COMMON, "logging")
        bucket = f"projects/{project}/locations/{self.region}/buckets/{self.names.log_bucket()}"
        counters = {}
        for key, metric in self._watching.log_metrics.items():
            query = metric.filter
            for word, meaning in words.items():
                query = query.replace(f"{{{word}}}", meaning)
            counters[key] = LogCounter(
                self,
                f"count-{key}",
                project_id=project,
                bucket=bucket,
                name=self.names.resource(key),
                description=metric.description,
                query=query,
            )
        return counters

    def _team_alerts(self, environment: str, limits: Alerts) -> None:
        for key, team in self._teams.items():
            project = self.names.project(environment, key)
            for what, alert in self._watching.alerts.items():
                if alert.audience == "team" and alert.about in (None, team.orchestrator, team.purpose):
                    only = f' AND project="{project}"'
                    self._alert(
                        f"{environment}-{key}-{what}",
                        alert,
                        title=f"{alert.title}: {team.title}, {environment}",
                        channels=[self._channels[f"team-{key}"], self._channels["technical"]],
                        metric=self._counted(alert, [f"projects/{project}"]) or f"{alert.filter}{only}",
                        ratio_to=f"{alert.ratio_to}{only}" if alert.ratio_to else None,
                        threshold=float(getattr(limits, str(alert.threshold), 0) or alert.threshold),
                        seen=f"{environment}-{key}",
                        labels={"environment": environment, "team": key},
                    )

    def _security_alerts(self, environment: str, projects: str) -> None:
        sources = [f"projects/({projects})"]
        if environment == COMMON:
            sources += [self._common, f"organizations/{self.organization.organization_id}"]
        else:
            sources.append(folder_of(self, environment, organization=self.organization, names=self.names))
        for what, alert in self._watching.alerts.items():
            if alert.audience == "security" and alert.about in (None, environment):
                self._alert(
                    f"{environment}-{what}",
                    alert,
                    title=f"{alert.title}: {environment}",
                    channels=[self._channels["security"]],
                    metric=self._counted(alert, sources),
                    ratio_to=None,
                    threshold=float(alert.threshold),
                    labels={"environment": environment},
                )

    def _counted(self, alert: Alert, sources: list[str]) -> str:
        return self._counters[alert.log_metric].of(sources) if alert.log_metric else ""

    def _alert(self, id_: str, alert: Alert, *, seen: str = "logging", **values: Any) -> None:
        """`seen` is the monitored project whose metric it is; what is counted in logs stands in the logging project."""
        AlertPolicy(
            self,
            f"alert-{id_}",
            project_id=self._project.using("monitoring"),
            response=alert.response,
            severity=alert.severity,
            aligner=alert.aligner,
            reducer=alert.reducer,
            group_by=alert.group_by,
            seconds=alert.seconds,
            lasting=alert.lasting,
            depends_on=[self._monitored["logging" if alert.log_metric else seen]],
            **values,
        )

    def _grants(self, personas: Mapping[str, Persona]) -> None:
        for key, persona in sorted(personas.items()):
            for role in grants(persona, "monitoring"):
                ProjectIamMember(
                    self,
                    f"{key}-{role_key(role)}",
                    project=self._project.using("monitoring"),
                    role=role,
                    member=f"group:{self.names.group(key)}",
                )

    def _budget(self) -> None:
        seed = folder_of(self, "bootstrap", organization=self.organization, names=self.names)
        Budget(
            self,
            "budget",
            billing_account=self.organization.billing_account,
            display_name=self.names.resource("common"),
            folders=[self._common, seed],
            amount=self.organization.common_budget,
            currency=self.organization.currency,
            channels=[self._channels["billing"]],
        )
