"""Where the real provider cannot be had, nothing was compared, and nobody is told that all is well."""

import sys
from pathlib import Path

import pytest

from sandbox import launcher
from sandbox.process import Completed
from tests.provider import __main__ as provider


def test_a_registry_out_of_reach_is_inconclusive_and_says_so(tmp_path, monkeypatch, capsys):
    terraform = tmp_path / "terraform"
    terraform.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if 'version' in sys.argv:\n    print('{\"terraform_version\": \"1.11.4\"}'); sys.exit(0)\n"
        "print('Error: Failed to query available provider packages: could not connect', file=sys.stderr); sys.exit(1)\n"
    )
    terraform.chmod(0o755)
    monkeypatch.setenv(launcher.CHOICE, str(terraform))
    assert provider.main() == provider.INCONCLUSIVE
    said = capsys.readouterr().out
    assert "not compared" in said and "run it where terraform init works" in said


@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        (0, "", "yes"),
        (1, "Error: Unsupported argument", "no"),
        (1, "Error: Post https://compute.googleapis.com: 401", "cannot tell"),
    ],
)
def test_a_plan_that_would_have_to_ask_google_is_no_verdict(code, words, says):
    def terraform(*asked: str) -> Completed:
        return Completed(code if asked[0] == "plan" else 0, "", words)

    assert [verdict.says for verdict in provider.verdicts(Path(), terraform)] == ["yes", "yes", says]
