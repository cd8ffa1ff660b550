"""Who orders on a terminal is asked; what the template refuses is asked again, at once."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import Any

from catalog_templates.template import find
from operations.catalog_desk import shaped
from scripts.catalog.telling import plain
from tests.program import ROOT

ORDER = """
import json, sys
from functools import partial
from catalog_templates.template import find
from operations.catalog_service import inputs_of, refused
from scripts.catalog.asking import choices
bucket = find("bucket")
print(json.dumps(choices({"settings_": sys.argv[1:]})(inputs_of(bucket), partial(refused, bucket))))
"""
PURPOSE = "Raw files of the shop."


def answered(*answers: str, given: tuple[str, ...] = ()) -> tuple[dict[str, Any], str]:
    """What somebody orders at a terminal, and what was told meanwhile."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, "".join(f"{one}\n" for one in answers).encode())
    words = [sys.executable, "-c", ORDER, *given]
    done = subprocess.run(words, stdin=terminal, capture_output=True, text=True, cwd=ROOT, timeout=300, check=True)
    os.close(keyboard)
    os.close(terminal)
    return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr


def test_a_wrong_answer_is_refused_in_the_template_s_words_and_asked_again() -> None:
    order, told = answered("x", "raw-files", PURPOSE, "", "7", "90", "")
    assert order == {"name": "raw-files", "purpose": PURPOSE, "keep_days": "90"}
    assert 'name: is "x"; Use 3 to 20 lower-case letters' in told
    assert "keep_days: is 7; Choose a whole number of days from 30 to 3650." in told


def test_who_gives_inputs_is_asked_for_what_is_missing_only() -> None:
    order, told = answered(PURPOSE, given=("name=raw-files",))
    assert order == {"name": "raw-files", "purpose": PURPOSE}
    assert "keep_days" not in told


def test_a_list_is_shown_as_it_is_typed() -> None:
    wanted = ("labels", "owners")
    assert plain(list(wanted)) == "labels, owners"
    template = find("composer")
    (name,) = (it.name for it in template.variables.values() if it.type.startswith("list"))
    assert shaped(template, {name: plain(list(wanted))}) == {name: list(wanted)}
    assert shaped(template, {name: plain([])}) == {name: []}
