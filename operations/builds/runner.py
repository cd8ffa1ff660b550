"""The sandbox's stand-in for a private worker of Cloud Build: fetches the commit, runs the steps as the builder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from operations.commits import ask
from operations.target import HOME
from sandbox import redirect
from sandbox.builds.running import Outside, run
from sandbox.builds.source import unpack
from sandbox.builds.step import Surroundings
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials

    from sandbox.api.call import Facade

Values = dict[str, Any]

SETTINGS = "BLUEPRINT_SETTINGS"
START = "from scripts.program import main; main()"
_SYSTEM = "/usr/local/bin:/usr/bin:/bin"
_LOOSE = {"substitutionOption": "ALLOW_LOOSE"}


@dataclass(frozen=True)
class Worker:
    """Runs one build after another. `home` holds the sandbox, `facade` answers for Google.

    The code is that of `repository`, or else of the sandbox's Git host; `settings` hold where a repository has none.
    """

    home: Path
    repository: Path | None
    facade: Facade
    line: Callable[[str], None]
    settings: Path = Path("settings")

    def __call__(self, build: Values) -> Values:
        """Run a build that the sandbox's API has begun; what changed of it."""
        workspace = Path(tempfile.mkdtemp(prefix="build-"))
        try:
            known = _known(build)
            if commit := known.get("COMMIT_SHA"):
                _fetch(self.repository or connected(self.home, build), commit, workspace)
                if not self.repository:
                    ask(workspace, "remote", "set-url", "origin", f"{self.facade.endpoint}/git/{_name(build)}.git")
            else:
                unpack(build, self._read(build), workspace)
            # A trigger knows more than each of its builds uses: what it starts is loose, as with Google.
            own = {name: str(value) for name, value in _given(build).items() if name.startswith("_")}
            loose = build | {"substitutions": own, "options": (build.get("options") or {}) | _LOOSE}
            outside = Outside(
                self._secret(build),
                self._upload(build),
                line=self.line,
                cancelled=partial(self.facade.cancelled, build["name"]),
            )
            around = surroundings(self.home, self.facade.endpoint, _principal(build), workspace)
            around |= {SETTINGS: str(self.settings.absolute()), "PYTHONSAFEPATH": "1"}
            return run(loose, known, Surroundings(workspace, around), outside) | {"substitutions": _given(build)}
        finally:
            shutil.rmtree(workspace, ignore_errors=True)

    def _read(self, build: Values) -> Callable[[str, str], bytes]:
        def get(bucket: str, name: str) -> bytes:
            from google.api_core.exceptions import GoogleAPIError
            from google.cloud.storage import Client

            try:
                client = Client(project="unused", credentials=credentials(_principal(build)))
                return bytes(client.bucket(bucket).blob(name).download_as_bytes())
            except GoogleAPIError as error:
                raise SandboxError(f"gs://{bucket}/{name}: {error}") from None

        return get

    def _secret(self, build: Values) -> Callable[[str], str]:
        def value(version: str) -> str:
            from google.api_core.exceptions import GoogleAPIError
            from google.cloud.secretmanager import SecretManagerServiceClient

            try:
                client = SecretManagerServiceClient(credentials=credentials(_principal(build)))
                return client.access_secret_version(name=version).payload.data.decode()
            except GoogleAPIError as error:
                raise SandboxError(f"{version}: {error}") from None

        return value

    def _upload(self, build: Values) -> Callable[[str, str, bytes], None]:
        def put(bucket: str, name: str, data: bytes) -> None:
            from google.api_core.exceptions import GoogleAPIError
            from google.cloud.storage import Client

            try:
                client = Client(project="unused", credentials=credentials(_principal(build)))
                client.bucket(bucket).blob(name).upload_from_string(data)
            except GoogleAPIError as error:
                raise SandboxError(f"gs://{bucket}/{name}: {error}") from None

        return put


def connected(home: Path, build: Values) -> Path:
    """The repository of the sandbox's Git host that a build was started for; SandboxError where it has none."""
    name = _name(build)
    folder = home / ".sandbox" / "git" / f"{name}.git"
    if not name or not folder.is_dir():
        raise SandboxError(
            f"{name or 'no repository'}: is not on the sandbox's Git host; name a folder with --repository"
        )
    return folder


def _name(build: Values) -> str:
    """What the Git host calls the repository that a build was started for; empty where there is none."""
    source = (build.get("source") or {}).get("connectedRepository") or {}
    return str(source.get("repository", "")).rpartition("/")[2]


def _fetch(repository: Path, commit: str, workspace: Path) -> None:
    """This one commit, as Cloud Build checks it out; who wants more of it needs a login at its host."""
    ask(workspace, "init", "--quiet")
    ask(workspace, "remote", "add", "origin", repository.absolute().as_uri())
    ask(workspace, "fetch", "--quiet", "--depth=1", "origin", commit)
    ask(workspace, "checkout", "--quiet", "--detach", commit)


def surroundings(home: Path, endpoint: str, principal: str, workspace: Path) -> dict[str, str]:
    """Nothing of the person's own: the platform's program, the system's, and the principal as who one is."""
    own = {
        "PATH": f"{builder(home)}{os.pathsep}{_SYSTEM}",
        "HOME": str(workspace),
        "LANG": "C.UTF-8",
        HOME: str(home),
    }
    return redirect.environment(endpoint, principal, base=own)


def credentials(principal: str) -> Credentials:
    """What a client of Google's shows the sandbox to act as this principal."""
    from google.oauth2.credentials import Credentials

    return Credentials(f"sandbox:{principal}")  # type: ignore[no-untyped-call]


def _known(build: Values) -> dict[str, str]:
    """Substitutions that Google gives; a triggered build carries those of its source among its own."""
    out = {name: str(value) for name, value in _given(build).items() if not name.startswith("_")}
    out |= {"BUILD_ID": build["id"], "PROJECT_ID": build["projectId"], "LOCATION": build["name"].split("/")[3]}
    account = str(build.get("serviceAccount") or "")
    return out | {"SERVICE_ACCOUNT": account, "SERVICE_ACCOUNT_EMAIL": account.rpartition("/")[2]}


def _given(build: Values) -> Values:
    return build.get("substitutions") or {}


def _principal(build: Values) -> str:
    account = str(build.get("serviceAccount") or "").rpartition("/")[2]
    if not account:
        raise SandboxError(f"{build['name']}: names no service account; every build has one of its own")
    return f"serviceAccount:{account}"


def builder(home: Path) -> Path:
    """The stand-in for the builder image: an environment with the platform's locked packages and its one program.

    The program runs the code that is installed here; that of the workspace only where a step says so.
    """
    folder = home / ".sandbox" / "builder"
    if not folder.exists():
        # Danger: steps and trials begin at the same moment; each makes one, and the first becomes the builder.
        made = Path(tempfile.mkdtemp(prefix=".builder-", dir=folder.parent))
        venv.create(made, symlinks=True)
        packages = [*(path for path in sys.path if path.endswith("site-packages")), str(Path(__file__).parents[2])]
        (next(made.glob("lib/python*/site-packages")) / "locked.pth").write_text("\n".join(packages) + "\n")
        program = made / "bin" / "blueprint"
        program.write_text(f'#!/bin/sh\nexec "${{0%/*}}/python" -c "{START}" "$@"\n')
        program.chmod(0o755)
        try:
            made.rename(folder)
        except OSError:
            shutil.rmtree(made)
            if not folder.exists():
                raise
    return folder / "bin"
