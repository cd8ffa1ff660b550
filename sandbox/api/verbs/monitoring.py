"""Vertex AI Model Monitoring: a job that changes, whose type the client libraries do not tell with the method."""

from typing import Any

from sandbox.api import generic
from sandbox.api.call import Call

Values = dict[str, Any]


def _change(call: Call) -> Values:
    with call.resources.writing:
        generic.change(call)
        job = generic.shown(call, call.name, call.method.request)
    return call.operation(job, "google.cloud.aiplatform.v1.ModelDeploymentMonitoringJob")


METHODS = {"aiplatform.projects.locations.modelDeploymentMonitoringJobs.patch": _change}
