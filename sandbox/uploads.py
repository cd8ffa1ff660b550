"""The three ways in which a Cloud Storage client sends an object."""

import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

from sandbox.errors import SandboxError


@dataclass(frozen=True)
class Upload:
    """A complete upload: the object's data and what its sender said about it."""

    description: dict[str, Any]
    data: bytes


@dataclass
class _Session:
    description: dict[str, Any]
    query: dict[str, str]
    received: bytearray = field(default_factory=bytearray)


class Resumable:
    """Uploads that arrive in chunks; forgotten when the server stops, as a client then starts anew."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()

    def begin(self, description: dict[str, Any], query: dict[str, str]) -> str:
        """Open an upload and return its id."""
        upload_id = secrets.token_urlsafe(16)
        with self._lock:
            self._sessions[upload_id] = _Session(description, query)
        return upload_id

    def receive(self, upload_id: str, content_range: str, chunk: bytes) -> tuple[int, Upload | None, dict[str, str]]:
        """Take one chunk: (bytes received so far, the upload once it is complete, the query it was begun with).

        Raises SandboxError for an unknown upload, a gap, or a range that is none.
        """
        with self._lock:
            session = self._sessions.get(upload_id)
            if session is None:
                raise SandboxError(f"upload {upload_id}: unknown; begin the upload again")
            start, total = _positions(content_range)
            if start is not None:
                if start != len(session.received):
                    raise SandboxError(
                        f"upload {upload_id}: chunk at {start}, expected {len(session.received)}; resend"
                    )
                session.received += chunk
            received = len(session.received)
            if total is None or received < total:
                return received, None, session.query
            del self._sessions[upload_id]
            return received, Upload(session.description, bytes(session.received)), session.query


def multipart(content_type: str, body: bytes) -> Upload:
    """Split a `multipart/related` body into description and data; SandboxError where it is malformed."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    parts = (b"\r\n" + body).split(b"\r\n--" + str(boundary).encode()) if boundary else []
    if len(parts) != 4:
        raise SandboxError("upload: not a description and one object; send multipart/related with two parts")
    (_, described), (headers, data) = _part(parts[1]), _part(parts[2])
    description = parse_description(described)
    description.setdefault("contentType", headers.get("content-type", "application/octet-stream"))
    return Upload(description, data)


def parse_description(body: bytes) -> dict[str, Any]:
    """The JSON description of an object; SandboxError where it is none."""
    try:
        description = json.loads(body or b"{}")
    except ValueError as error:
        raise SandboxError(f"upload: the description is not JSON ({error}); send an object resource") from None
    if not isinstance(description, dict):
        raise SandboxError("upload: the description is not a JSON object; send an object resource")
    return description


def _part(raw: bytes) -> tuple[Message, bytes]:
    head, _, data = raw.partition(b"\r\n\r\n")
    return BytesHeaderParser().parsebytes(head.lstrip()), data


def _positions(content_range: str) -> tuple[int | None, int | None]:
    if not content_range:
        return 0, None
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", content_range)
    if found is None:
        raise SandboxError(f"upload: Content-Range {content_range!r}; send `bytes FIRST-LAST/TOTAL`")
    start, total = found.groups()
    return None if start is None else int(start), None if total == "*" else int(total)
