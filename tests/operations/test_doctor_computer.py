"""The checks of this computer: each accepts what is right and says what is wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from operations import computer
from operations.computer import Here
from operations.doctor import examine
from operations.findings import Finding, Inconclusive, Report, made
from operations.outcome import Exit, OperationFailed
from sandbox import launcher
from sandbox.exclusive import exclusively
from sandbox.store import Store
from tests.operations.google_server import ROOT, own_settings

TABLE = {"BLUEPRINT_TEST_COST": {"targets": ["sandbox"], "cost": "is slow", "way_out": "unset it"}}


@pytest.fixture
def here(tmp_path):
    return Here(ROOT / "settings", tmp_path, "sandbox")


def test_every_check_of_a_ready_computer_is_ok(here, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("NODE_OPTIONS", raising=False)
    report = examine(here.settings, "sandbox", here.root)
    assert {f.name: f.verdict for f in report.findings} == dict.fromkeys([f.name for f in report.findings], "ok")
    assert report.code == Exit.DONE
    assert list(here.root.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "verdict"), [((3, 11), "ok"), ((3, 12), "ok"), ((3, 10), "failed"), ((3, 13), "failed")]
)
def test_python_is_one_the_project_declares(version, verdict):
    assert computer.python("python", version=version).verdict == verdict


def test_a_terraform_that_is_missing_or_old_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(launcher.CHOICE, str(tmp_path / "none"))
    found = computer.terraform("terraform")
    assert found.verdict == "failed"
    assert "no such program" in found.text
    assert "install terraform" in found.way_out


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere/node", "/bin/echo"])
def test_a_node_that_does_not_work_is_named(program, monkeypatch):
    monkeypatch.setenv("JSII_NODE", program)
    found = computer.node("node")
    assert found.verdict == "failed"
    assert program in found.text


def test_bindings_other_than_the_locked_ones_are_named(tmp_path):
    pins = tmp_path / "base.txt"
    pins.write_text(computer.PINS.read_text().replace("cdktf==0.21.0", "cdktf==0.20.0"))
    found = computer.bindings("bindings", pins=pins)
    assert (found.verdict, found.text) == ("failed", "cdktf is 0.21.0, not 0.20.0")


def test_without_a_lock_file_the_bindings_are_not_judged(tmp_path):
    with pytest.raises(Inconclusive):
        computer.bindings("bindings", pins=tmp_path / "none.txt")


def test_every_problem_of_the_settings_is_shown_and_ends_with_bad_input(tmp_path):
    settings = own_settings(tmp_path / "settings", regions="[mars-north1]", prefix="TOO_LONG_PREFIX")
    report = examine(settings, "sandbox", tmp_path)
    (found,) = report.failures
    assert "mars-north1" in found.text
    assert "prefix" in found.text
    assert report.code == Exit.BAD_INPUT


def test_google_is_not_asked_with_invalid_settings(tmp_path):
    report = examine(own_settings(tmp_path / "settings", regions="[]"), "google", tmp_path)
    assert report.findings[-1].verdict == "unknown"
    assert report.code == Exit.BAD_INPUT


def test_a_full_disk_is_named(here):
    assert computer.folder("folder", here).verdict == "ok"
    found = computer.folder("folder", here, minimum=10**18)
    assert found.verdict == "failed"
    assert "GB needed" in found.text


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    inside = Here(tmp_path, tmp_path / "file", "sandbox")
    assert computer.folder("folder", inside).verdict == "failed"
    assert computer.locks("locks", inside).verdict == "failed"


def test_a_small_computer_is_named():
    assert computer.memory("memory", minimum=2**20).verdict == "ok"
    assert computer.memory("memory", minimum=2**60).verdict == "failed"


def test_a_variable_that_costs_time_is_a_warning_with_its_cost(here, monkeypatch):
    assert computer.environment("environment", here, TABLE).verdict == "ok"
    monkeypatch.setenv("BLUEPRINT_TEST_COST", "1")
    found = computer.environment("environment", here, TABLE)
    assert (found.verdict, found.text) == ("warning", "BLUEPRINT_TEST_COST: is slow")
    elsewhere = Here(here.settings, here.root, "google")
    assert computer.environment("environment", elsewhere, TABLE).verdict == "ok"


def test_stale_options_of_node_and_python_are_warnings(here, monkeypatch):
    monkeypatch.setenv("NODE_OPTIONS", "--require /gone.js")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    report = examine(here.settings, "sandbox", here.root)
    (found,) = [f for f in report.findings if f.verdict != "ok"]
    assert found.verdict == "warning"
    assert "NODE_OPTIONS" in found.text
    assert "PYTHONDONTWRITEBYTECODE" in found.text
    assert report.code == Exit.DONE


def test_sockets_need_a_temporary_folder_that_can_be_used(monkeypatch, tmp_path):
    assert computer.sockets("sockets").verdict == "ok"
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert computer.sockets("sockets").verdict == "failed"


def test_a_sandbox_in_use_is_a_warning_that_names_the_holder(here):
    here.home.mkdir()
    with exclusively(here.home / "lock"):
        found = computer.state_folder("state folder", here)
    assert found.verdict == "warning"
    assert "in use by process" in found.text
    assert computer.state_folder("state folder", here).verdict == "ok"


def test_a_store_that_is_none_is_named_and_left_alone(here):
    here.home.mkdir()
    Store(here.home / "cloud.db").close()
    assert computer.state_folder("state folder", here).verdict == "ok"
    (here.home / "cloud.db").unlink()
    with sqlite3.connect(here.home / "cloud.db") as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = (here.home / "cloud.db").read_bytes()
    found = computer.state_folder("state folder", here)
    assert found.verdict == "failed"
    assert "not a sandbox" in found.text
    assert (here.home / "cloud.db").read_bytes() == before


def test_a_check_that_breaks_is_unknown_and_stops_no_other():
    def broken(_: str) -> Finding:
        raise ZeroDivisionError("a defect")

    def unreadable(_: str) -> Finding:
        raise PermissionError(13, "Permission denied")

    def failed(_: str) -> Finding:
        raise OperationFailed("place", "went wrong", "mend it")

    findings = made({"a": broken, "b": unreadable, "c": failed, "d": lambda name: Finding(name, "ok", "fine")})
    assert [f.verdict for f in findings] == ["unknown", "unknown", "failed", "ok"]


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([Finding("a", "ok", "")], Exit.DONE),
        ([Finding("a", "warning", "")], Exit.DONE),
        ([Finding("a", "unknown", ""), Finding("b", "warning", "")], Exit.INCONCLUSIVE),
        ([Finding("a", "unknown", ""), Finding("b", "failed", "")], Exit.FAILURE),
        ([Finding("a", "failed", ""), Finding("b", "failed", "", code=Exit.BAD_INPUT)], Exit.BAD_INPUT),
    ],
)
def test_the_exit_code_follows_the_gravest_finding(findings, code):
    assert Report("sandbox", findings).code == code


def blueprint(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("blueprint")
    return subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True, check=False)


def test_the_command_prints_one_json_document():
    done = blueprint("doctor", "--json")
    said = json.loads(done.stdout)
    assert said["target"] == "sandbox"
    assert all(set(check) == {"name", "verdict", "text", "way_out"} for check in said["checks"])
    assert done.returncode == 0


def test_the_table_shows_the_way_out_of_what_is_not_ok(tmp_path):
    shutil.copytree(ROOT / "settings", tmp_path / "settings", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "settings" / "keys.yaml").unlink()
    done = blueprint("doctor", cwd=tmp_path)
    assert done.returncode == 2
    assert "→ mend these" in done.stdout
    assert done.stderr == ""


def test_the_sandbox_is_examined_without_what_takes_long_to_load():
    program = Path(sys.executable).with_name("blueprint")
    words = [sys.executable, "-X", "importtime", program, "doctor"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "operations.doctor" in loaded
    assert not loaded & {
        "cdktf",
        "checkov",
        "duckdb",
        "google.cloud.aiplatform",
        "google.cloud.storage",
        "kfp",
        "pandas",
    }
