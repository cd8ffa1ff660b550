"""The host over HTTP: `/git/NAME.git` for git, `/git/api/...` as JSON for pull requests."""

import base64
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.api import access, checking
from sandbox.api.call import Facade
from sandbox.api.dispatch import Wire, reply
from sandbox.api.errors import ApiError
from sandbox.bucket_api import Answer
from sandbox.git_host import backend
from sandbox.git_host.checks import Checks
from sandbox.git_host.pulls import Pulls
from sandbox.git_host.repositories import GitRefused, Repositories

Values = dict[str, Any]

_FORMS: dict[str, type] = {"name": str, "approvals": int, "checks": dict}
_REPOSITORIES = re.compile(r"repositories(?:/([a-z0-9-]+))?")
_COMMIT = re.compile(r"repositories/([a-z0-9-]+)/commits/([0-9a-f]{40})")
_CHECKS = re.compile(r"repositories/([a-z0-9-]+)/commits/([0-9a-f]{40})/checks")
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
    if about := _REPOSITORIES.fullmatch(path):
        return _repositories(pulls.repositories, wire, principal, body, about[1])
    if checked := _CHECKS.fullmatch(path):
        return _checks(Checks(pulls.repositories), wire, principal, *checked.groups())
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


def _checks(checks: Checks, wire: Wire, principal: str, name: str, commit: str) -> Answer:
    """How the checks of a commit stand; nobody reports one over the wire, for whoever is in a build is its account."""
    if wire.http != "GET":
        raise GitRefused(405, f"{name}: checks are read here; the builds that they are report them")
    checks.repositories.require(name, principal, "readers")
    return reply({"checks": checks.of(name, commit)})


def _repositories(repositories: Repositories, wire: Wire, principal: str, body: Values, name: str | None) -> Answer:
    if wire.http == "GET":
        known = [repositories.get(name)] if name else repositories.all()
        return reply({"repositories": [one for one in known if _sees(repositories, one, principal)]})
    if wire.http != ("PATCH" if name else "POST"):
        raise GitRefused(405, f"{name or 'repositories'}: {wire.http} is not served; POST makes one, PATCH changes it")
    if principal != access.OPERATOR:
        raise GitRefused(403, "only the operator of the sandbox makes and changes repositories here")
    _form(body, name or "a repository")
    if name:
        return reply(repositories.change(name, body))
    keys = {"readers", "writers", "approvers", "protected", *_FORMS}
    if "name" not in body or set(body) - keys:
        raise GitRefused(400, f"a repository has {', '.join(sorted(keys))}; name is required")
    return reply(repositories.create(body.pop("name"), **body), 201)


def _form(body: Values, place: str) -> None:
    """Refuse rules of another form; JSON's true is no number."""
    for key, value in body.items():
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        form = _FORMS.get(key, list)
        if type(value) is not form or not all(isinstance(part, str) for part in parts):
            raise GitRefused(400, f"{place}: {key} has another form: {form.__name__} of texts")


def _sees(repositories: Repositories, body: Values, principal: str) -> bool:
    try:
        repositories.require(body["name"], principal, "readers")
    except GitRefused:
        return False
    return True


def _body(wire: Wire) -> Values:
    found = checking.parsed(wire.body)
    if not isinstance(found, dict):
        raise ApiError(400, "Invalid JSON payload received. Root element must be a message.")
    return found
