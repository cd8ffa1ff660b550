"""An alert that says what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_google.monitoring_alert_policy import (
    MonitoringAlertPolicy,
    MonitoringAlertPolicyAlertStrategy,
    MonitoringAlertPolicyConditions,
    MonitoringAlertPolicyConditionsConditionThreshold,
    MonitoringAlertPolicyConditionsConditionThresholdAggregations,
    MonitoringAlertPolicyConditionsConditionThresholdDenominatorAggregations,
    MonitoringAlertPolicyConditionsConditionThresholdTrigger,
    MonitoringAlertPolicyDocumentation,
)
from constructs import Construct

DAY = 24 * 60 * 60


class AlertPolicy(Construct):
    """Calls `channels` when a metric, or its ratio to another, stays above `threshold` for `lasting` seconds."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project_id: str,
        title: str,
        response: str,
        severity: str,
        channels: Sequence[str],
        metric: str,
        ratio_to: str | None,
        aligner: str,
        reducer: str | None,
        group_by: Sequence[str],
        seconds: int,
        lasting: int,
        threshold: float,
        labels: dict[str, str],
        depends_on: Sequence[Any] = (),
    ) -> None:
        super().__init__(scope, id_)
        how = {
            "alignment_period": f"{seconds}s",
            "per_series_aligner": aligner,
            "cross_series_reducer": reducer,
            "group_by_fields": list(group_by) or None,
        }
        above = MonitoringAlertPolicyConditionsConditionThreshold(
            filter=metric,
            comparison="COMPARISON_GT",
            threshold_value=threshold,
            duration=f"{lasting}s",
            aggregations=[MonitoringAlertPolicyConditionsConditionThresholdAggregations(**how)],
            denominator_filter=ratio_to,
            denominator_aggregations=[MonitoringAlertPolicyConditionsConditionThresholdDenominatorAggregations(**how)]
            if ratio_to
            else None,
            trigger=MonitoringAlertPolicyConditionsConditionThresholdTrigger(count=1),
        )
        MonitoringAlertPolicy(
            self,
            "policy",
            project=project_id,
            display_name=title,
            combiner="OR",
            severity=severity,
            conditions=[MonitoringAlertPolicyConditions(display_name=title, condition_threshold=above)],
            alert_strategy=MonitoringAlertPolicyAlertStrategy(auto_close=f"{7 * DAY}s"),
            documentation=MonitoringAlertPolicyDocumentation(content=response, mime_type="text/markdown"),
            notification_channels=list(channels),
            user_labels=labels,
            depends_on=list(depends_on),
        )
