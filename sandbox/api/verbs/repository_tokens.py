"""Read tokens of connected repositories: each opens its repository of the Git host, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.api.call import Call
from sandbox.git_host.repositories import reader

Values = dict[str, Any]


def _read(call: Call) -> Values:
    call.get()
    expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"token": f"sandbox:{reader(call.name.rpartition('/')[2])}", "expirationTime": expires}


METHODS = {"cloudbuild.projects.locations.connections.repositories.accessReadToken": _read}
