"""What an API refuses, in the words and the shape of Google's errors."""

from collections.abc import Sequence
from typing import Any

from sandbox.errors import SandboxError

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ALREADY_EXISTS",
    411: "INVALID_ARGUMENT",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_REASON = {
    400: "invalid",
    401: "required",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
    501: "notImplemented",
}


class ApiError(SandboxError):
    """An answer other than the wanted one."""

    def __init__(
        self, code: int, message: str, status: str = "", reason: str = "", details: Sequence[dict[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.status = status or _STATUS.get(code, "UNKNOWN")
        self.reason = reason or _REASON.get(code, "backendError")
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The JSON that Google's clients read."""
        first = {"message": self.message, "domain": "global", "reason": self.reason}
        error = {"code": self.code, "message": self.message, "status": self.status, "errors": [first]}
        return {"error": error | ({"details": self.details} if self.details else {})}


def invalid(violations: Sequence[tuple[str, str]]) -> ApiError:
    """400 for fields: each violation is (path of the field, sentence)."""
    fields = [{"field": path, "description": text} for path, text in violations]
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}]
    return ApiError(400, "\n".join(text for _, text in violations), details=details)


def not_found(name: str) -> ApiError:
    return ApiError(404, f"Resource '{name}' was not found.")


def exists(name: str) -> ApiError:
    return ApiError(409, f"Resource '{name}' already exists.", reason="duplicate")


def stale(name: str, base: bool = False) -> ApiError:
    """Somebody else changed it since it was read; the older APIs say 412, the newer ones 409."""
    if base:
        return ApiError(412, "Precondition check failed: the etag does not match.", reason="conditionNotMet")
    text = f"There were concurrent changes to '{name}': the etag is stale. Read it again and retry the whole change."
    return ApiError(409, text, "ABORTED", "aborted")


def denied(permission: str, resource: str, why: str = "") -> ApiError:
    """403 that names the missing permission."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "IAM_PERMISSION_DENIED",
        "domain": "iam.googleapis.com",
        "metadata": {"permission": permission, "resource": resource} | ({"why": why} if why else {}),
    }
    text = f"Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
    return ApiError(403, text, details=[info])


def prohibited(id_: str, service: str, why: str) -> ApiError:
    """403 of VPC Service Controls, with the id by which an administrator finds the line that tells why."""
    kind = "type.googleapis.com/google.rpc."
    violation = {"type": "VPC_SERVICE_CONTROLS", "description": id_}
    info = {"reason": "SECURITY_POLICY_VIOLATED", "domain": "googleapis.com"}
    details: list[dict[str, Any]] = [
        {"@type": f"{kind}PreconditionFailure", "violations": [violation]},
        {"@type": f"{kind}ErrorInfo", **info, "metadata": {"uid": id_, "service": service, "why": why}},
    ]
    text = f"Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: {id_}"
    return ApiError(403, text, reason="forbidden", details=details)


def disabled(service: str, number: int) -> ApiError:
    """403 for an API that nobody enabled in the project."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": service, "consumer": f"projects/{number}"},
    }
    text = f"{service} has not been used in project {number} before or it is disabled. Enable it, then retry."
    return ApiError(403, text, reason="accessNotConfigured", details=[info])


def unknown_to_sandbox(what: str, way_out: str) -> ApiError:
    """501: Google can do it, the sandbox cannot; never silently wrong."""
    return ApiError(501, f"The sandbox does not know {what}; {way_out}.")
