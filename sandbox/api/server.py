"""The facade on the wire: an HTTP server on the loopback that stays up whatever a client sends."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.api import beside, dispatch
from sandbox.api.call import Facade, Runner
from sandbox.api.dispatch import Wire
from sandbox.api.errors import ApiError
from sandbox.api.operations import Operations
from sandbox.api.resources import Resources
from sandbox.bucket_api import Answer
from sandbox.errors import SandboxError
from sandbox.schema import cached
from sandbox.store import Store

Message = MutableMapping[str, Any]

LARGEST_JSON = 10 * 2**20
LARGEST_UPLOAD = 512 * 2**20
_SECONDS = 30
_THREADS = 16
_SLOW = ("redict",)
"""How paths end whose answers may wait for a container, which asks for its model meanwhile."""


class App:
    """The facade as an ASGI application: reads a request within limits, answers it in a thread."""

    def __init__(self, facade: Facade, seconds: float = _SECONDS) -> None:
        self._facade, self._seconds = facade, seconds
        self._threads, self._patient = ThreadPoolExecutor(_THREADS, "facade"), ThreadPoolExecutor(_THREADS, "slow")

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
        try:
            body = await asyncio.wait_for(_read(receive, _limit(path)), self._seconds)
            wire = Wire(scope["method"], path, scope["query_string"].decode("latin-1"), headers, body)
            loop = asyncio.get_running_loop()
            threads = self._patient if path.endswith(_SLOW) else self._threads
            answer = await loop.run_in_executor(threads, _answer, self._facade, wire)
        except TimeoutError:
            problem = ApiError(408, f"The request did not arrive within {self._seconds:.0f} seconds.")
            answer = dispatch.reply(problem.body(), problem.code)
        except ApiError as problem:
            answer = dispatch.reply(problem.body(), problem.code)
        await _send(send, scope["method"], answer)


async def _read(receive: Callable[[], Awaitable[Message]], limit: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ApiError(400, "The client went away.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise ApiError(413, f"Request payload size exceeds the limit: {limit} bytes.", reason="uploadTooLarge")
        if not message.get("more_body"):
            return b"".join(parts)


def _limit(path: str) -> int:
    return LARGEST_UPLOAD if "upload/" in path or "/docker/" in path or "/git/" in path else LARGEST_JSON


def _answer(facade: Facade, wire: Wire) -> Answer:
    try:
        special = beside.answer(facade, wire)
        return special if special is not None else dispatch.answer(facade, wire)
    except ApiError as problem:
        return dispatch.reply(problem.body(), problem.code)
    except SandboxError as problem:
        return dispatch.reply(ApiError(400, str(problem)).body(), 400)
    except Exception as bug:
        text = f"The sandbox failed: {type(bug).__name__}: {bug}. Please report it with the request that led here."
        return dispatch.reply(ApiError(500, text).body(), 500)


async def _send(send: Callable[[Message], Awaitable[None]], http: str, answer: Answer) -> None:
    headers = [(name.lower().encode(), _clean(value)) for name, value in answer.headers]
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if http == "HEAD" else answer.body})


def _clean(value: str) -> bytes:
    """A header's value that cannot begin a second header."""
    return value.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"").strip()


class _Patient(H11Protocol):
    """Closes a connection whose request line and headers do not arrive in time."""

    seconds: float = _SECONDS

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.seconds, self._too_late)

    def _too_late(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)


def facade(store: Store, schema: Path, endpoint: str, runners: Mapping[str, Runner] | None = None) -> Facade:
    """The parts of a facade over one store; both providers' schemas are read when they are first needed."""
    resources = Resources(store, cache(lambda: cached(schema)))
    return Facade(store, resources, Operations(store), endpoint, runners)


@contextmanager
def serving(
    store: Store,
    schema: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seconds: float = _SECONDS,
    runners: Mapping[str, Runner] | None = None,
) -> Iterator[Facade]:
    """Serve a store until the block ends; the facade's `endpoint` says where. SandboxError where the port is taken.

    `runners` really do what a `build`, a `deployment` or a `custom_job` asks for; without one, it fails and says so.
    """
    listener = _listen(host, port)
    made = facade(store, schema, f"http://{host}:{listener.getsockname()[1]}", runners)
    protocol = type("Protocol", (_Patient,), {"seconds": seconds})
    config = uvicorn.Config(
        App(made, seconds),
        http=protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_keep_alive=60,
        server_header=False,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        for close in made.closing:
            close()
        server.should_exit = server.force_exit = True
        thread.join(5)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Danger: without the protocol said, asyncio leaves small answers waiting for more, 40 ms each.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SandboxError(f"{host}:{port}: {error.strerror}; choose another --port or --host") from None
    listener.listen(512)
    return listener
