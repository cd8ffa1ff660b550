"""The host over HTTP: `/git/NAME.git` for git, `/git/api/...` as JSON for pull requests."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.api import access
from sandbox.api.call import Facade
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError
from sandbox.bucket_api import Answer
from sandbox.git_host import backend
from sandbox.git_host.pulls import Pulls
from sandbox.git_host.repositories import GitRefused, Repositories

Values = dict[str, Any]

_COMMIT = re.compile(r"repositories/([a-z0-9-]+)/commits/([0-9a-f]{40})")
_PULL = re.compile(r"repositories/([a-z0-9-]+)/pulls(?:/(\d+)(?:/(approve|merge|close))?)?")


def answer(facade: Facade, wire: Wire) -> Answer:
    """Everything below /git/."""
    path = wire.path.lstrip("/").removeprefix("git/")
    repositories = Repositories(facade.store)
    try:
        principal = _principal(wire)
        if path.startswith("api/"):
            with facade.resources.writing:
                return _api(Pulls(repositories, facade.merged), wire, principal, path.removeprefix("api/"))
        return backend.answer(repositories, wire, principal, path)
    except GitRefused as problem:
        return reply(ApiError(problem.status, str(problem)).body(), problem.status)
    except ApiError as problem:
        challenge = (("WWW-Authenticate", 'Basic realm="sandbox"'),) if problem.code == 401 else ()
        body = reply(problem.body(), problem.code)
        return Answer(body.status, body.body, (*body.headers, *challenge))


def _principal(wire: Wire) -> str:
    """Git sends a password; the sandbox's token is one."""
    scheme, _, given = wire.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            token = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except ValueError:
            token = ""
        return access.principal({"authorization": f"Bearer {token}"})
    return access.principal(wire.headers)


def _api(pulls: Pulls, wire: Wire, principal: str, path: str) -> Answer:
    body = _body(wire)
    if path == "repositories":
        return _repositories(pulls.repositories, wire, principal, body)
    if commit := _COMMIT.fullmatch(path):
        return _origin(pulls, principal, *commit.groups())
    found = _PULL.fullmatch(path)
    if found is None:
        raise GitRefused(404, f"/git/api/{path}: not served")
    name, number, verb = found[1], int(found[2] or 0), found[3] or ""
    if wire.http == "GET":
        pulls.repositories.require(name, principal, "readers")
        return reply(pulls.get(name, number) if number else {"pulls": pulls.all(name)})
    actions: dict[str, Callable[..., Values]] = {
        "approve": pulls.approve,
        "merge": pulls.merge,
        "close": pulls.close,
    }
    if verb:
        return reply(actions[verb](name, number, by=principal))
    if missing := {"source", "title"} - set(body):
        raise GitRefused(400, f"{name}: a pull request needs {', '.join(sorted(missing))}")
    target = str(body.get("target", "main"))
    told = {"source": str(body["source"]), "target": target, "title": str(body["title"])}
    return reply(pulls.open(name, **told, author=principal), 201)


def _origin(pulls: Pulls, principal: str, name: str, commit: str) -> Answer:
    """Who wrote, approved and merged a commit."""
    pulls.repositories.require(name, principal, "readers")
    found = pulls.origin(name, commit)
    if found is None:
        raise GitRefused(404, f"{name}: no pull request brought {commit[:12]} to a protected branch")
    return reply(asdict(found))


def _repositories(repositories: Repositories, wire: Wire, principal: str, body: Values) -> Answer:
    if wire.http == "GET":
        return reply({"repositories": [one for one in repositories.all() if _sees(repositories, one, principal)]})
    if principal != access.OPERATOR:
        raise GitRefused(403, "only the operator of the sandbox makes repositories here")
    known = {"name", "readers", "writers", "approvers", "protected", "approvals"}
    if "name" not in body or set(body) - known:
        raise GitRefused(400, f"a repository has {', '.join(sorted(known))}; name is required")
    return reply(repositories.create(body.pop("name"), **body), 201)


def _sees(repositories: Repositories, body: Values, principal: str) -> bool:
    try:
        repositories.require(body["name"], principal, "readers")
    except GitRefused:
        return False
    return True


def _body(wire: Wire) -> Values:
    try:
        found = json.loads(wire.body or b"{}")
    except (ValueError, RecursionError) as problem:
        raise ApiError(400, f"Invalid JSON payload received. {problem}") from None
    if not isinstance(found, dict):
        raise ApiError(400, "Invalid JSON payload received. Root element must be a message.")
    return found
