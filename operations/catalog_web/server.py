"""Serves the page and its few questions, to this computer only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from operations.catalog_opening import at_the_desk
from operations.catalog_order import order_of
from operations.catalog_web.work import Work
from operations.outcome import OperationFailed
from settings.problems import InvalidSettings

PAGE = Path(__file__).parent / "page"
HOSTS = ("127.0.0.1", "localhost")
LONGEST = 64 * 1024
FILES = {"/": "index.html", "/style.css": "style.css", "/page.js": "page.js", "/icons.svg": "icons.svg"}
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

Answer = Callable[[dict[str, Any]], dict[str, Any]]
Handler = Callable[[Request], Awaitable[Response]]


class _Refused(Exception):  # noqa: N818
    """A request that the page itself never sends."""


def serve(settings: Path, root: Path, target: str, *, port: int, ready: Callable[[str], None], **who: Any) -> None:
    """Serve the catalog for one person until interrupted; `ready` gets the address."""
    with at_the_desk(settings, root, target) as desk:
        desk.must_name(who["by"])
        work = Work(desk, order_of(desk.installation, "", {}, **who))
        desk.place(who["team"], work.order.environment)
        server = uvicorn.Server(uvicorn.Config(application(work), host=HOSTS[0], port=port, log_level="error"))
        try:
            with _listening(port) as socket:
                ready(f"http://{HOSTS[0]}:{socket.getsockname()[1]}")
                server.run(sockets=[socket])
        finally:
            work.close()


def application(work: Work) -> Starlette:
    """The page of one person's work."""
    routes = [Route(path, _file(name)) for path, name in FILES.items()]
    questions: dict[str, Answer] = {
        "me": lambda _: _me(work),
        "offers": lambda _: {"templates": work.offers()},
        "deployments": lambda _: {"deployments": work.deployments()},
    }
    orders: dict[str, Answer] = {
        "check": lambda it: {"problems": _told(work.check(it["template"], it["inputs"]))},
        "launch": lambda it: {"name": work.start(it["template"], it["inputs"]).name},
        "delete": lambda it: {"name": work.remove(it["name"])},
    }
    routes += [Route(f"/api/{name}", _guarded(answer)) for name, answer in questions.items()]
    routes += [Route(f"/api/{name}", _guarded(answer), methods=["POST"]) for name, answer in orders.items()]
    return Starlette(routes=routes)


def _me(work: Work) -> dict[str, Any]:
    person, team = work.order.person, work.desk.installation.teams[work.order.team]
    return {"label": work.desk.label, "person": person.address, "persona": person.persona, "team": team.title}


def _guarded(answer: Answer) -> Handler:
    """A question that only the page may ask: a site in another tab is refused by its Host and its Origin."""

    async def handle(request: Request) -> Response:
        try:
            asked = await _asked(request)
            return JSONResponse(await run_in_threadpool(answer, asked), headers={"Cache-Control": "no-store"})
        except InvalidSettings as error:
            return JSONResponse({"problems": _told(error.problems)}, 422)
        except OperationFailed as error:
            return JSONResponse({"problems": _told([error.problem])}, 409)
        except (_Refused, KeyError, TypeError, AttributeError) as error:
            return JSONResponse(
                {"problems": [{"place": "request", "text": f"is refused ({error})", "way_out": ""}]}, 403
            )

    return handle


async def _asked(request: Request) -> dict[str, Any]:
    host = request.headers.get("host", "").partition(":")[0]
    if host not in HOSTS:
        raise _Refused("another host")
    if request.method == "GET":
        return {}
    if request.headers.get("origin", f"http://{request.headers['host']}") != f"http://{request.headers['host']}":
        raise _Refused("another origin")
    if request.headers.get("content-type") != "application/json":
        raise _Refused("no JSON")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            raise _Refused("too long")
    try:
        return dict(json.loads(body))
    except ValueError:
        raise _Refused("no JSON") from None


def _told(problems: Any) -> list[dict[str, str]]:
    return [{"place": it.place, "text": it.text, "way_out": it.way_out} for it in problems]


def _file(name: str) -> Handler:
    async def handle(_: Request) -> Response:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return FileResponse(PAGE / name, headers=headers)

    return handle


def _listening(port: int) -> Any:
    import socket

    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOSTS[0], port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise OperationFailed(f"port {port}", f"cannot be used ({error.strerror})", "choose another --port") from None
    return listening
