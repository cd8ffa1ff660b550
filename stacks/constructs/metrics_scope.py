"""Whose metrics a project sees, and how it reaches people."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_google.monitoring_monitored_project import MonitoringMonitoredProject
from cdktf_cdktf_provider_google.monitoring_notification_channel import MonitoringNotificationChannel
from constructs import Construct


class MetricsScope(Construct):
    """One project sees the metrics of others (key -> project id). What alerts on one waits for its `members[key]`."""

    def __init__(self, scope: Construct, id_: str, *, project_id: str, projects: Mapping[str, str]) -> None:
        super().__init__(scope, id_)
        self.members = {
            key: MonitoringMonitoredProject(self, key, metrics_scope=project_id, name=project)
            for key, project in projects.items()
        }


class Channels(Construct):
    """An e-mail channel for each key; `names` holds what an alert or a budget has to be told."""

    def __init__(self, scope: Construct, id_: str, *, project_id: str, addresses: Mapping[str, str]) -> None:
        super().__init__(scope, id_)
        self.names: dict[str, str] = {
            key: MonitoringNotificationChannel(
                self,
                key,
                project=project_id,
                display_name=key,
                type="email",
                labels={"email_address": address},
            ).name
            for key, address in addresses.items()
        }
