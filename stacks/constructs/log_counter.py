"""Counting entries of the platform's log bucket, by who logged them."""

from __future__ import annotations

from cdktf_cdktf_provider_google.logging_metric import (
    LoggingMetric,
    LoggingMetricMetricDescriptor,
    LoggingMetricMetricDescriptorLabels,
)
from constructs import Construct

SOURCE = "source"
EXTRACTED = 'REGEXP_EXTRACT(logName, "^([a-z]+/[^/]+)/logs/")'


class LogCounter(Construct):
    """A metric of the project that holds the bucket; `metric` selects it in Cloud Monitoring.

    Its label `source` is the project, folder or organization that logged, as `projects/ID` and so on.
    """

    def __init__(
        self, scope: Construct, id_: str, *, project_id: str, bucket: str, name: str, description: str, query: str
    ) -> None:
        super().__init__(scope, id_)
        made = LoggingMetric(
            self,
            "metric",
            project=project_id,
            bucket_name=bucket,
            name=name,
            description=description,
            filter=query,
            label_extractors={SOURCE: EXTRACTED},
            metric_descriptor=LoggingMetricMetricDescriptor(
                metric_kind="DELTA",
                value_type="INT64",
                unit="1",
                labels=[
                    LoggingMetricMetricDescriptorLabels(
                        key=SOURCE, value_type="STRING", description="What logged the entry"
                    )
                ],
            ),
        )
        self.metric: str = f'metric.type="logging.googleapis.com/user/{made.name}" AND resource.type="logging_bucket"'

    def of(self, sources: list[str]) -> str:
        """The metric, limited to entries of sources that match one of these patterns (RE2)."""
        # Danger: a filter ends at 2,048 characters, so projects come as a pattern, not as a list that grows with teams.
        matching = f'monitoring.regex.full_match("{"|".join(sources)}")'
        return f"{self.metric} AND metric.label.{SOURCE}={matching}"
