"""A running sandbox: one process keeps it, every terraform started with its environment uses it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import launcher, provider
from sandbox.errors import SandboxError
from sandbox.exclusive import exclusively
from sandbox.state_bucket import BucketServer
from sandbox.state_locks import recover
from sandbox.store import Store

# Whatever a person has set to reach the real Google Cloud, or to bend Terraform, stays outside.
_FOREIGN = ("TF_", "GOOGLE_", "CLOUDSDK_AUTH_", "STORAGE_EMULATOR_HOST")
_HARMLESS = ("TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH")


@dataclass(frozen=True)
class Cloud:
    """A sandbox while it runs."""

    store: Store
    recovered: list[str]
    """What was removed at the start because a run before had been killed, a sentence each."""
    _providers: provider.Serving = field(repr=False)
    _buckets: BucketServer = field(repr=False)
    _files: Path = field(repr=False)

    def environment(self) -> dict[str, str]:
        """The complete environment of one terraform or cdktf process; ask anew for the next, it holds fresh endpoints.

        TERRAFORM_BINARY_NAME names the chosen Terraform as one file, for cdktf.
        """
        own = {name: value for name, value in launcher.without_node_options(os.environ).items() if _is_own(name)}
        return own | {
            "TF_REATTACH_PROVIDERS": self._providers.reattach(),
            "TF_CLI_CONFIG_FILE": str(self._files / "terraformrc"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT": self._buckets.endpoint,
            "GOOGLE_OAUTH_ACCESS_TOKEN": self._buckets.token,
            "TERRAFORM_BINARY_NAME": str(launcher.executable(self._files)),
        }


@contextmanager
def running(folder: Path) -> Iterator[Cloud]:
    """Run the sandbox kept in `folder`, made where it is missing, until the block ends.

    Raises SandboxBusy while another process runs it, SandboxError where the folder or its database cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SandboxError(f"{folder}: {error.strerror}; choose a folder that can be written") from None
    with ExitStack() as stack:
        stack.enter_context(exclusively(folder / "lock"))
        # Not in `folder`: the path of a socket may have 108 characters, a checkout may lie deeper than that.
        files = Path(stack.enter_context(TemporaryDirectory(prefix="sandbox-")))
        (files / "terraformrc").touch()
        store = stack.enter_context(Store(folder / "cloud.db"))
        recovered = recover(store)
        buckets = BucketServer(store)
        stack.callback(buckets.stop)
        providers = provider.serve(store, folder / "schema")
        stack.callback(providers.stop)
        yield Cloud(store, recovered, providers, buckets, files)


def _is_own(name: str) -> bool:
    return name in _HARMLESS or not name.startswith(_FOREIGN)
