"""Airflow's database on this computer."""

from __future__ import annotations

from pathlib import Path

from operations import airflow


def test_half_a_database_of_somebody_who_was_stopped_is_made_anew_and_a_whole_one_is_kept(tmp_path: Path) -> None:
    commands = airflow.test(tmp_path, "dag", {})
    assert next(commands)[1:] == ["db", "migrate"]
    (tmp_path / "airflow.db").touch()
    commands.close()
    assert [words[1] for words in airflow.test(tmp_path, "dag", {})] == ["db", "dags"]
    (tmp_path / "airflow.db").touch()
    assert [words[1] for words in airflow.test(tmp_path, "dag", {})] == ["dags"]
    assert (tmp_path / "airflow.db").exists()
