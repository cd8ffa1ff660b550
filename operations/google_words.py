"""What Google's clients raise, as one failure in the words that matter to a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from operations.outcome import Exit, OperationFailed

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LOGIN = "log in: gcloud auth application-default login"
_REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) \S+: ")


@contextmanager
def told(
    place: str,
    way_out: str = "see that it exists and that you may use it",
    *,
    refused: str = "ask who may",
    missing: Exit = Exit.FAILURE,
    let: tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Whatever Google's clients raise becomes an OperationFailed about a place, but for what is `let` through.

    Who may not is REFUSED, with the way out `refused`; what is not there ends with `missing`.
    """
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except let:
        raise
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        raise failure(place, error, way_out, refused=refused, missing=missing) from None


def failure(place: str, error: Exception, way_out: str, *, refused: str, missing: Exit) -> OperationFailed:
    """One error of Google's clients as a failure."""
    from google.api_core.exceptions import Forbidden, NotFound, RetryError, Unauthorized
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError
    from requests.exceptions import RequestException

    if isinstance(error, RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    match error:
        case DefaultCredentialsError():
            return OperationFailed(place, "nobody is logged in to Google", LOGIN)
        case RefreshError() | Unauthorized():
            text = f"the login to Google has expired or does not count ({words(error)})"
            return OperationFailed(place, text, LOGIN)
        case GoogleAuthError() | RequestException():
            way_out = "check network and proxy, then run it again"
            return OperationFailed(place, f"cannot be reached ({words(error)})", way_out)
        case Forbidden():
            return OperationFailed(place, words(error), refused, code=Exit.REFUSED)
        case NotFound():
            return OperationFailed(place, words(error), way_out, code=missing)
    return OperationFailed(place, words(error), way_out)


def credentials(place: str) -> Any:
    """Those of who is logged in, good for a call. OperationFailed about the place where there are none."""
    import google.auth
    from google.auth.transport.requests import Request

    with told(place):
        found, _ = google.auth.default(scopes=[SCOPE])
        # Danger: a client that speaks gRPC takes a login that has expired for a busy service, and asks for minutes.
        if not found.valid:
            found.refresh(Request())  # type: ignore[no-untyped-call]
    return found


def words(error: Exception) -> str:
    """The first line of what Google said, without the request that led there."""
    text = _REQUEST.sub("", str(getattr(error, "message", "") or error)).strip()
    return _of_an_upload(text).split("\n")[0].removesuffix(".")


def _of_an_upload(text: str) -> str:
    """The Storage client gives the whole answer to a refused upload instead of its message."""
    try:
        return str(json.JSONDecoder().raw_decode(text)[0]["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return text
