"""Service account credentials: who may, gets a token of the account, one of the sandbox's that opens nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.api.call import Call
from sandbox.api.errors import ApiError, not_found

Values = dict[str, Any]

_HOUR = 3600.0


def _token(call: Call) -> Values:
    """A token that acts as the account, through every delegate that the request names."""
    email = call.name.rpartition("/")[2]
    known = [str(values.get("email")) for _, values in call.store.find("google_service_account")]
    if email not in known:
        raise not_found(call.name)
    if call.body.get("delegates"):
        raise ApiError(501, "The sandbox knows no chain of delegates; ask for the account itself.", "UNIMPLEMENTED")
    seconds = float(str(call.body.get("lifetime") or "3600s").removesuffix("s"))
    if not 0 < seconds <= _HOUR:
        raise ApiError(400, "lifetime: a token lives for an hour at most.")
    expires = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"accessToken": f"sandbox:serviceAccount:{email}", "expireTime": expires}


METHODS = {"iamcredentials.projects.serviceAccounts.generateAccessToken": _token}
