"""One stack under Terraform: a working folder, and the commands that prepare, plan, apply and take it down.

A stack that makes its own state bucket starts with local state in the working folder and moves it into the bucket as
soon as that exists; a run that ends in between is taken up where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from operations.graph import Graph, StackPlan
from operations.messages import diagnostic, event_of
from operations.outcome import Exit, OperationFailed
from operations.target import Target
from operations.writing import write
from sandbox.launcher import describe, run
from sandbox.process import Completed

OVERRIDE = "backend_override.tf.json"
LOCAL_STATE = "terraform.tfstate"
PLAN = "plan.bin"
REVIEWED = "plan.bin.json"
NEEDS = "needs.json"
DEPLOYER = "TF_VAR_deployer"
READER = "reader_override.tf.json"
NO_BUCKET = ("bucket doesn't exist", "bucket does not exist", "notFound")
CHANGES_PENDING = 2

OnChange = Callable[[str], None]


@dataclass(frozen=True)
class Changes:
    """How many resources a plan adds, changes and destroys."""

    add: int = 0
    change: int = 0
    destroy: int = 0

    @property
    def total(self) -> int:
        return self.add + self.change + self.destroy


@dataclass
class Workspace:
    """The working folder of one stack on one target."""

    stack: StackPlan
    target: Target
    looks_as: str = ""
    """Who plans, where that is somebody who only reads and may not even lock a state; else the stack's deployer."""
    local: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.folder = self.target.home / "work" / self.stack.name

    @cached_property
    def environment(self) -> dict[str, str]:
        """The environment of every Terraform command of this stack."""
        # Danger: Terraform applies a plan only where the variable is given again, if it was given for the plan.
        deployer = self.stack.deployer()
        return self.target.environment() | ({DEPLOYER: self.looks_as or deployer} if deployer else {})

    def prepare(self, document: dict[str, Any] | None = None) -> None:
        """Write the stack (or `document` in its place) and initialize. Afterwards plan, apply and state work."""
        text = json.dumps(document, indent=2) if document else self.stack.file.read_text(encoding="utf-8")
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "cdk.tf.json").exists() or (self.folder / "cdk.tf.json").read_text() != text:
            write(self.folder / "cdk.tf.json", text)
        self.local = False
        if not self.stack.makes_its_own_state_bucket():
            self._initialize()
        elif (self.folder / LOCAL_STATE).exists() or not self._bucket_exists():
            self._go_local()

    def remember(self) -> None:
        """Write down what the stack needs, so that it can go in order once the settings no longer tell."""
        write(self.folder / NEEDS, json.dumps(sorted(self.stack.needs)))

    def plan(self, *options: str) -> Changes:
        """Save a plan and count its changes."""
        # Danger: a plan that replaces a reviewed one must not pass for it, least of all one that destroys.
        (self.folder / REVIEWED).unlink(missing_ok=True)
        found: dict[str, int] = {}
        options = (*options, "-lock=false") if self.looks_as else options
        self._let_read()

        def read(line: str) -> None:
            event = event_of(line)
            if event.get("type") == "change_summary":
                found.update(event["changes"])

        done = self._terraform(
            "plan", "-json", "-input=false", "-detailed-exitcode", f"-out={PLAN}", *options, on_line=read
        )
        if done.returncode not in (0, CHANGES_PENDING):
            raise self._failed("plan", done)
        return Changes(found.get("add", 0), found.get("change", 0), found.get("remove", 0))

    def _let_read(self) -> None:
        """A stack that whoever runs Terraform deploys is looked at as the reader too; its plan is never applied."""
        (self.folder / READER).unlink(missing_ok=True)
        if self.looks_as and not self.stack.deployer():
            reader = {"impersonate_service_account": self.looks_as}
            providers = {name: [reader] for name in self.stack.document().get("provider", {})}
            write(self.folder / READER, json.dumps({"provider": providers}))

    def apply(self, on_change: OnChange) -> None:
        """Apply the saved plan; `on_change` gets the address of each finished resource."""
        with self.target.state_file((self.folder / LOCAL_STATE).absolute()) if self.local else nullcontext():
            self._apply(on_change)

    def _apply(self, on_change: OnChange) -> None:
        def read(line: str) -> None:
            event = event_of(line)
            if event.get("type") in ("apply_complete", "apply_errored"):
                on_change(event["hook"]["resource"]["addr"])

        done = self._terraform("apply", "-json", "-input=false", PLAN, on_line=read)
        (self.folder / PLAN).unlink(missing_ok=True)
        if done.returncode and "Saved plan is stale" in done.stdout:
            text = "was planned before the state that is there now"
            raise OperationFailed(self.stack.name, text, "plan and review it again", code=Exit.REFUSED)
        if done.returncode:
            raise self._failed("apply", done)

    def counted(self) -> Changes:
        """The changes of the saved plan."""
        changes = self.plan_document().get("resource_changes", [])
        actions = [action for change in changes for action in change["change"]["actions"]]
        return Changes(actions.count("create"), actions.count("update"), actions.count("delete"))

    def plan_document(self) -> dict[str, Any]:
        """The saved plan as Terraform tells it to programs."""
        document: dict[str, Any] = json.loads(self._terraform("show", "-json", PLAN).stdout)
        return document

    def shown(self) -> str:
        """The saved plan as people read it."""
        return self._terraform("show", "-no-color", PLAN).stdout

    def state(self) -> dict[str, Any] | None:
        """The stack's state, or None where it was never deployed; to be called after `prepare`."""
        if (self.folder / LOCAL_STATE).exists():
            text: str | None = (self.folder / LOCAL_STATE).read_text()
        else:
            text = self.target.state(self.stack)
            if text is None and not self.target.knows_states:
                text = self._terraform("state", "pull").stdout
        try:
            state: dict[str, Any] | None = json.loads(text) if text and text.strip() else None
        except ValueError:
            place, way_out = (
                f"state of {self.stack.name}",
                "put one back: blueprint state list, blueprint state restore",
            )
            raise OperationFailed(place, "is not a Terraform state", way_out) from None
        return state

    def push(self, state: Path) -> None:
        """Replace the stack's state by a backed up one."""
        done = self._terraform("state", "push", "-force", str(state))
        if done.returncode:
            raise self._failed("state push", done)

    def go_local(self) -> None:
        """Move the state out of the bucket, so that the bucket itself can be destroyed."""
        self._write_override()
        self._run_or_fail("init", "-input=false", "-no-color", "-migrate-state", "-force-copy")
        self.local = True

    def leave_local(self) -> None:
        """Move a local state into the bucket that now exists."""
        (self.folder / OVERRIDE).unlink(missing_ok=True)
        self._run_or_fail("init", "-input=false", "-no-color", "-migrate-state", "-force-copy")
        self.forget_local()

    def forget_local(self) -> None:
        """Remove a local state that has been moved or that describes nothing any more."""
        for leftover in (LOCAL_STATE, f"{LOCAL_STATE}.backup", OVERRIDE):
            (self.folder / leftover).unlink(missing_ok=True)
        self.local = False

    def _go_local(self) -> None:
        self._write_override()
        self._run_or_fail("init", "-input=false", "-no-color", "-reconfigure")
        self.local = True

    def _write_override(self) -> None:
        (self.folder / "initialized").unlink(missing_ok=True)
        write(self.folder / OVERRIDE, json.dumps({"terraform": {"backend": {"local": {"path": LOCAL_STATE}}}}))

    def _bucket_exists(self) -> bool:
        (self.folder / OVERRIDE).unlink(missing_ok=True)
        done = self._terraform("init", "-input=false", "-no-color", "-reconfigure")
        if done.returncode == 0:
            return True
        if any(words in done.stdout + done.stderr for words in NO_BUCKET):
            return False
        raise self._failed("init", done)

    def _initialize(self) -> None:
        """Initialize once for each backend, provider set and Terraform."""
        wanted = hashlib.sha256(json.dumps([self.stack.document()["terraform"], describe()]).encode()).hexdigest()
        marker = self.folder / "initialized"
        if marker.exists() and marker.read_text() == wanted:
            return
        self._run_or_fail("init", "-input=false", "-no-color", "-reconfigure")
        write(marker, wanted)

    def _run_or_fail(self, *arguments: str) -> None:
        done = self._terraform(*arguments)
        if done.returncode:
            raise self._failed(arguments[0], done)

    def _terraform(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> Completed:
        return run(arguments, cwd=self.folder, env=self.environment, on_line=on_line)

    def _failed(self, command: str, done: Completed) -> OperationFailed:
        told = [text for line in done.stdout.splitlines() if (text := diagnostic(event_of(line)))]
        if not told:
            told = [(done.stderr or done.stdout).strip() or f"terraform ended with {done.returncode}"]
        way_out = "fix the cause and run the command again: it continues where it stopped"
        return OperationFailed(f"{self.stack.name} ({command})", "\n  ".join(told), way_out)


def resources_in(state: dict[str, Any] | None) -> int:
    """How many resources (not data sources) a state holds."""
    managed = [r for r in (state or {}).get("resources", []) if r["mode"] == "managed"]
    return sum(len(r["instances"]) for r in managed)


def left_over(target: Target, graph: Graph) -> Graph:
    """Deployed stacks that the settings no longer have, as they were last deployed from here."""
    found = {}
    for file in sorted((target.home / "work").glob("*/cdk.tf.json")):
        needs = file.with_name(NEEDS)
        known = json.loads(needs.read_text()) if needs.exists() else ()
        stack = StackPlan(file.parent.name, file, frozenset(known))
        if stack.name not in graph.stacks and resources_in(Workspace(stack, target).state()):
            found[stack.name] = stack
    return Graph.ordered(found)
