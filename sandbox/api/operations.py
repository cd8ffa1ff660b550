"""Long-running operations: most are done when they are answered, some work on in a thread of their own."""

import contextlib
import re
import secrets
import threading
from collections.abc import Callable
from typing import Any

from sandbox.api.errors import ApiError, not_found
from sandbox.errors import StoreClosed
from sandbox.store import Store

Values = dict[str, Any]
Work = Callable[[], Values]

_KIND = "operations"
_PLACE = re.compile(r"(?:projects|folders|organizations)/[^/]+(?:/locations/[^/]+)?")
_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 412: 9, 429: 8, 500: 13, 501: 12, 503: 14}


class Operations:
    """The operations of a store, by name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads: list[threading.Thread] = []
        self._turn = threading.Lock()

    def done(self, about: str, message: str, response: Values, metadata: Values | None = None) -> Values:
        """A finished operation about a resource; `message` is the full name of the response's type."""
        return self._keep(_name(about), _finished(message, response), metadata)

    def start(self, about: str, message: str, work: Work, metadata: Values | None = None) -> Values:
        """An operation that `work` finishes; what it raises as ApiError becomes the operation's error."""
        name = _name(about)
        begun = self._keep(name, {"done": False}, metadata)

        def run() -> None:
            try:
                end = _finished(message, work())
            except ApiError as problem:
                end = _failed(problem)
            except Exception as problem:
                end = _failed(ApiError(500, f"{type(problem).__name__}: {problem}"))
            # Danger: work that outlives its server finds the store closed; nobody is left to ask.
            with contextlib.suppress(StoreClosed):
                self._keep(name, end, metadata)

        thread = threading.Thread(target=run, daemon=True)
        with self._turn:
            thread.start()
            self._threads = [thread, *(other for other in self._threads if other.is_alive())]
        return begun

    def get(self, name: str) -> Values:
        """An operation, also by the longer name that some clients ask for; 404 where there is none."""
        found = self._store.documents.get(_KIND, name) or self._store.documents.get(_KIND, _short(name))
        if found is None:
            raise not_found(name)
        return found | {"name": name}

    def under(self, parent: str) -> list[Values]:
        """The operations below a parent."""
        return [body for name, body in self._store.documents.find(_KIND) if name.startswith(f"{parent}/operations/")]

    def wait(self) -> None:
        """Until everything that was started has ended."""
        while begun := self._under_way():
            for thread in begun:
                thread.join()

    def _under_way(self) -> list[threading.Thread]:
        with self._turn:
            return [thread for thread in self._threads if thread.is_alive()]

    def _keep(self, name: str, end: Values, metadata: Values | None) -> Values:
        body = {"name": name, **({"metadata": metadata} if metadata else {}), **end}
        self._store.documents.put(_KIND, name, body)
        return body


def _name(about: str) -> str:
    place = _PLACE.match(about)
    return f"{place[0] + '/' if place else ''}operations/{secrets.randbelow(10**18) + 10**18}"


def _short(name: str) -> str:
    place = _PLACE.match(name)
    return f"{place[0] + '/' if place else ''}operations/{name.rpartition('/')[2]}"


def _finished(message: str, response: Values) -> Values:
    kind = message or "google.protobuf.Empty"
    shown = response if message or not response else {}
    return {"done": True, "response": {"@type": f"type.googleapis.com/{kind}", **shown}}


def _failed(problem: ApiError) -> Values:
    return {"done": True, "error": {"code": _CODES.get(problem.code, 2), "message": problem.message}}
