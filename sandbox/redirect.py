"""Sends Google's client libraries to a sandbox: one import, or one environment, and no code knows the difference.

    import sandbox.redirect                      # where the variables below are set already
    sandbox.redirect.install(endpoint, "user:ada@example.com")
    subprocess.run(words, env=sandbox.redirect.environment(endpoint, principal))

BLUEPRINT_SANDBOX_ENDPOINT says where the sandbox is, BLUEPRINT_SANDBOX_PRINCIPAL as whom to act, and
BLUEPRINT_SANDBOX_ORIGIN from where: `internet`, `workplace` or `projects/ID`, which perimeters ask for.
"""

import importlib.abc
import importlib.machinery
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

ENDPOINT, PRINCIPAL = "BLUEPRINT_SANDBOX_ENDPOINT", "BLUEPRINT_SANDBOX_PRINCIPAL"
ORIGIN, _HEADER = "BLUEPRINT_SANDBOX_ORIGIN", "X-Sandbox-Origin"
OPERATOR = "operator"

_GOOGLE = re.compile(r"https?://(?:[a-z0-9-]+-)?([a-z]+)\.(?:[a-z0-9-]+\.rep\.)?googleapis\.com(?::443)?(/.*)")
_IMAGES = re.compile(r"https?://([a-z0-9-]+)-docker\.pkg\.dev(/.*)")
_CLIENT = re.compile(r"google\..+\.services\.\w+\.client")
_FOLDER = Path(__file__).with_name("redirected")
_installed: list[str] = []


def environment(endpoint: str, principal: str = OPERATOR, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`base`, so that a Python program started with it talks to the sandbox as `principal`."""
    paths = [str(_FOLDER), str(_FOLDER.parents[1]), *filter(None, [base.get("PYTHONPATH")])]
    ours = {ENDPOINT: endpoint, PRINCIPAL: principal, "PYTHONPATH": os.pathsep.join(paths)}
    quiet = {"NO_GCE_CHECK": "true"}
    foreign = ("GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")
    return {name: value for name, value in base.items() if name not in foreign} | quiet | ours


def address(url: str, endpoint: str) -> str | None:
    """Where on the sandbox a Google address is; None for any other address."""
    if found := _GOOGLE.fullmatch(url):
        name = "storage" if found[1] in ("www", "storage") and "/storage/" in found[2] else found[1]
        return f"{endpoint}/{name}{found[2]}"
    if found := _IMAGES.fullmatch(url):
        return f"{endpoint}/docker/{found[1]}{found[2]}"
    return None


def _here(url: str) -> str | None:
    """Where a Google address is now; other addresses need no sandbox, and Google's never go out without one."""
    return address(url, _value(ENDPOINT)) if address(url, "") else None


def _value(name: str) -> str:
    if name not in os.environ:
        raise RuntimeError(f"{name} is not set: Google's clients of this process go to a sandbox only")
    return os.environ[name]


def _origin() -> dict[str, str]:
    """The header that tells where a request comes from."""
    told = os.environ.get(ORIGIN, "")
    return {_HEADER: told} if told else {}


def install(endpoint: str = "", principal: str = "") -> None:
    """Redirect this process; the environment's values where none are given. A second call only changes the values."""
    os.environ[ENDPOINT] = endpoint or os.environ[ENDPOINT]
    os.environ[PRINCIPAL] = principal or os.environ.get(PRINCIPAL, OPERATOR)
    os.environ["NO_GCE_CHECK"] = "true"
    if _installed:
        return
    _installed.append("once")
    for name, module in sys.modules.copy().items():  # other threads import meanwhile
        _patch(name, module)
    sys.meta_path.insert(0, _Watching())


@contextmanager
def installed(endpoint: str, principal: str = OPERATOR) -> Iterator[None]:
    """Redirect this process while the block runs; afterwards its clients go where they went before."""
    before = {name: os.environ.get(name) for name in (ENDPOINT, PRINCIPAL, "NO_GCE_CHECK")}
    install(endpoint, principal)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _patch(name: str, module: ModuleType | None) -> None:
    """Change what a module offers, once it is loaded."""
    if module is None:
        return
    if change := _CHANGES.get(name):
        change(module)
    elif _CLIENT.fullmatch(name):
        for value in list(vars(module).values()):
            transports = getattr(value, "_transport_registry", None)
            if transports is not None and "rest" in transports:
                transports.move_to_end("rest", last=False)


def _requests(module: Any) -> None:
    send = module.Session.send

    def redirected(self: Any, request: Any, **options: Any) -> Any:
        if url := _here(request.url):
            request.url = url
            request.headers.update(_origin())
        return send(self, request, **options)

    module.Session.send = redirected


def _httpx(module: Any) -> None:
    send = module.Client.send

    def redirected(self: Any, request: Any, **options: Any) -> Any:
        url = _here(str(request.url))
        if url:
            request.url = module.URL(url)
            request.headers["host"] = request.url.netloc.decode()
            request.headers.update(_origin())
        return send(self, request, **options)

    module.Client.send = redirected


def _auth(module: Any) -> None:
    def default(*_: Any, **options: Any) -> tuple[Any, str | None]:
        from google.oauth2.credentials import Credentials

        return Credentials(f"sandbox:{_value(PRINCIPAL)}"), os.environ.get("GOOGLE_CLOUD_PROJECT")  # type: ignore[no-untyped-call]

    module.default = default


def _vertex(module: Any) -> None:
    def credentials(_: Any) -> Any:
        import google.auth

        return google.auth.default()[0]

    # Danger: this client keeps its first credentials as long as the process lives, whoever acts then.
    module._Config.credentials = property(credentials)


_CHANGES: dict[str, Callable[[Any], None]] = {
    "requests": _requests,
    "httpx": _httpx,
    "google.auth": _auth,
    "google.auth._default": _auth,
    "google.cloud.aiplatform.initializer": _vertex,
}


class _Watching(importlib.abc.MetaPathFinder):
    """Lets others find a module, and patches it when it has been loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _CHANGES and not _CLIENT.fullmatch(fullname):
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is not None and found.loader is not None:
            found.loader = _Patching(found.loader)
        return found


class _Patching(importlib.abc.Loader):
    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _patch(module.__name__, module)


if os.environ.get(ENDPOINT):
    install()
