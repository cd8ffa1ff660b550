"""Persona files: broad roles are refused, every problem at once."""

from pathlib import Path

import pytest

from groups.personas import grants, read
from settings.problems import InvalidSettings


def _write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_basic_roles_unknown_places_and_unknown_keys_are_refused_all_at_once(tmp_path: Path) -> None:
    _write(tmp_path, "a", "title: A\npurpose: p\ngrants: {production: [roles/editor]}\n")
    _write(tmp_path, "b", "title: B\npurpose: p\ngrants: {producton: []}\n")
    _write(tmp_path, "c", "title: C\npurpse: p\n")
    with pytest.raises(InvalidSettings) as raised:
        read(tmp_path)
    text = str(raised.value)
    assert "'roles/editor' is a basic role; choose a narrower role" in text
    assert "producton" in text
    assert "unknown key 'purpse'; did you mean 'purpose'?" in text


def test_a_place_that_the_file_does_not_name_grants_nothing(tmp_path: Path) -> None:
    _write(tmp_path, "a", "title: A\npurpose: p\ngrants: {production: [roles/b.viewer, roles/a.viewer]}\n")
    persona = read(tmp_path)["a"]
    assert grants(persona, "production") == ("roles/a.viewer", "roles/b.viewer")
    assert grants(persona, "interactive") == ()
