"""A running sandbox: one process keeps it, every terraform started with its environment uses it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import faults, launcher, process, redirect
from sandbox.errors import SandboxError
from sandbox.exclusive import exclusively
from sandbox.iam.origins import WORKPLACE, origin
from sandbox.provider import serve
from sandbox.serving import Serving
from sandbox.state_bucket import BucketServer
from sandbox.state_locks import recover
from sandbox.store import Store

# Whatever a person has set to reach the real Google Cloud, or to bend Terraform, stays outside.
_FOREIGN = ("TF_", "GOOGLE_", "CLOUDSDK_AUTH_", "STORAGE_EMULATOR_HOST")
_CONFIGURATION = "terraformrc"  # empty: a person's own mirrors and overrides stay outside too
_HARMLESS = ("TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH")


@dataclass(frozen=True)
class Cloud:
    """A sandbox while it runs."""

    store: Store
    recovered: list[str]
    """What was removed at the start because a run before had been killed, a sentence each."""
    _folder: Path = field(repr=False)
    _providers: Serving = field(repr=False)
    _buckets: BucketServer = field(repr=False)

    def environment(self, folder: Path | None = None, acting: str = "") -> dict[str, str]:
        """The complete environment of one terraform or cdktf process; ask anew for the next, it holds fresh endpoints.

        `folder` is where terraform will run: relative file names in resources start there. `acting` is the
        service account that makes the changes, where the configuration impersonates none; without it the person at this
        computer does, who may do everything. TERRAFORM_BINARY_NAME names the chosen Terraform as one file, for cdktf.
        """
        own = {name: value for name, value in launcher.without_node_options(os.environ).items() if _is_own(name)}
        return own | {
            "TF_REATTACH_PROVIDERS": self._providers.reattach(folder, acting, _origin(acting)),
            "TF_CLI_CONFIG_FILE": str(self._folder / _CONFIGURATION),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT": self._buckets.endpoint,
            "GOOGLE_OAUTH_ACCESS_TOKEN": self._buckets.token,
            "TERRAFORM_BINARY_NAME": str(launcher.executable(self._folder)),
        }

    def terraform(
        self, arguments: Sequence[str], *, cwd: Path, acting: str = "", on_line: process.OnLine | None = None
    ) -> process.Completed:
        """Run the chosen Terraform in `cwd` against this sandbox, as `launcher.run` promises; leaves nothing open."""
        environment = self.environment(cwd, acting)
        try:
            return launcher.run(arguments, cwd=cwd, env=environment, on_line=on_line)
        finally:
            self._providers.release(environment["TF_REATTACH_PROVIDERS"])


@contextmanager
def running(folder: Path, *, schema: Path | None = None, lawless: bool = False) -> Iterator[Cloud]:
    """Run the sandbox kept in `folder`, made where it is missing, until the block ends.

    A `lawless` one refuses nothing that only the state of the cloud forbids: a bucket needs no project there.
    The providers' schema is kept in `schema`, or in the folder itself: made once, in about five seconds. Raises
    SandboxBusy while another process runs the sandbox, SandboxError where the folder or its database cannot be used.
    """
    folder = folder.absolute()
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(exclusively(folder / "lock"))
            (folder / _CONFIGURATION).write_text("")
        except OSError as error:
            raise SandboxError(f"{folder}: {error.strerror}; choose a folder that can be written") from None
        store = stack.enter_context(Store(folder / "cloud.db"))
        recovered = recover(store)
        buckets = BucketServer(store)
        stack.callback(buckets.stop)
        providers = stack.enter_context(
            serve(store, schema or folder / "schema", lawless=lawless, faults=faults.from_environment(store))
        )
        yield Cloud(store, recovered, folder, providers, buckets)


def _origin(acting: str) -> str:
    """The work of an order runs in the project of its account, like that of a build; people sit at their workplace."""
    if acting:
        return origin(f"serviceAccount:{acting}")
    who = os.environ.get(redirect.PRINCIPAL, redirect.OPERATOR)
    try:
        return origin(who, os.environ.get(redirect.ORIGIN) or (WORKPLACE if who == redirect.OPERATOR else ""))
    except SandboxError as problem:
        raise SandboxError(f"{redirect.ORIGIN}: {problem}") from None


def _is_own(name: str) -> bool:
    return name in _HARMLESS or not name.startswith(_FOREIGN)
