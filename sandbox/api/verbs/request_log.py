"""What endpoints were asked, as far as a monitoring job has it sampled. STAND-IN for Google's table in BigQuery."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from sandbox.api import stamping
from sandbox.api.call import Call

Values = dict[str, Any]

JOBS = "aiplatform:projects/locations/modelDeploymentMonitoringJobs"
_KIND = "aiplatform:requests"


def keep(call: Call, endpoint: str, deployed: str) -> None:
    """Remember a request that was answered, if the sampling of the endpoint's monitoring hits it."""
    jobs = [job for _, job in call.store.documents.find(JOBS) if call.resources.plain(job["endpoint"]) == endpoint]
    if random.random() < max(map(_rate, jobs), default=0.0):
        body = {"time": stamping.now(), "instances": call.body.get("instances") or []}
        call.store.documents.put(_KIND, f"{endpoint}/deployedModels/{deployed}/{token_hex(8)}", body)


def _rate(job: Values) -> float:
    sampling = (job.get("loggingSamplingStrategy") or {}).get("randomSampleConfig") or {}
    return float(sampling.get("sampleRate") or 0)


def asked(call: Call, endpoint: str, deployed: str, begin: datetime, length: timedelta) -> Iterator[Values]:
    """The instances that were sampled in a window of time."""
    for name, body in call.store.documents.find(_KIND):
        moment = datetime.fromisoformat(body["time"]).astimezone(UTC)
        if name.rpartition("/")[0] == f"{endpoint}/deployedModels/{deployed}" and begin < moment <= begin + length:
            yield from (one for one in body["instances"] if isinstance(one, dict))
