import sqlite3
import threading

import pytest

from sandbox.errors import PreconditionFailed, SandboxError
from sandbox.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cloud.db") as opened:
        yield opened


def test_resources_are_found_by_type_and_id(store):
    store.put("google_project", "projects/a", {"project_id": "a", "labels": {"x": "ü"}, "billing": None})
    assert store.get("google_project", "projects/a") == {"project_id": "a", "labels": {"x": "ü"}, "billing": None}
    assert store.get("google_folder", "projects/a") is None
    assert [id_ for id_, _ in store.find("google_project")] == ["projects/a"]
    assert store.count() == 1


def test_creating_twice_changes_nothing(store):
    assert store.create("t", "i", {"v": 1})
    assert not store.create("t", "i", {"v": 2})
    assert store.get("t", "i") == {"v": 1}


def test_kept_ids_stay_known_until_they_live_again(store):
    store.put("google_kms_key_ring", "r", {})
    store.delete("google_kms_key_ring", "r", keep=True)
    assert store.kept() == [("google_kms_key_ring", "r")]
    assert store.count() == 0
    store.put("google_kms_key_ring", "r", {})
    assert store.kept() == []


def test_data_survives_reopening(tmp_path):
    with Store(tmp_path / "cloud.db") as first:
        first.put("t", "i", {"v": 1})
        number = first.number("project", "a")
    with Store(tmp_path / "cloud.db") as second:
        assert second.get("t", "i") == {"v": 1}
        assert second.number("project", "a") == number


def test_numbers_are_stable_unique_and_twelve_digits(store):
    numbers = [store.number("project", str(key)) for key in range(500)]
    assert len(set(numbers)) == 500
    assert {len(str(number)) for number in numbers} == {12}
    assert numbers[7] == store.number("project", "7")
    assert store.number("folder", "7") != numbers[7]


def test_generations_guard_objects(store):
    first = store.objects.put("b", "n", b"one", if_generation=0, content_type="text/plain", metadata={"k": "v"})
    with pytest.raises(PreconditionFailed, match="gs://b/n"):
        store.objects.put("b", "n", b"two", if_generation=0)
    second = store.objects.put("b", "n", b"two", if_generation=first.generation)
    assert second.generation > first.generation
    with pytest.raises(PreconditionFailed):
        store.objects.delete("b", "n", if_generation=first.generation)
    assert store.objects.get("b", "n") == second
    assert store.objects.delete("b", "n", if_generation=second.generation)
    assert not store.objects.delete("b", "n")
    assert store.objects.get("b", "n") is None


def test_listing_takes_the_prefix_literally_and_leaves_data_out(store):
    for name in ("a%b/1", "a%b/2", "axb/3"):
        store.objects.put("b", name, b"data")
    listed = store.objects.find("b", "a%b/")
    assert [(o.name, o.size, o.data) for o in listed] == [("a%b/1", 4, b""), ("a%b/2", 4, b"")]


def test_one_of_many_threads_wins_a_creation(store):
    wins = []
    threads = [threading.Thread(target=lambda n=n: wins.append(store.create("t", "i", {"n": n}))) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 15 + [True]


def test_two_openings_of_one_file_see_each_other(tmp_path):
    with Store(tmp_path / "cloud.db") as one, Store(tmp_path / "cloud.db") as two:
        one.put("t", "i", {"v": 1})
        assert two.get("t", "i") == {"v": 1}


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be read as one" * 100, b"SQLite format 3\0" + b"x" * 5000]
)
def test_a_foreign_or_damaged_file_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "cloud.db"
    path.write_bytes(content)
    with pytest.raises(SandboxError, match=r"cloud.db: .*; move"):
        Store(path)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "cloud.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(SandboxError, match="not a sandbox"):
        Store(path)
    assert path.read_bytes() == before


def test_an_empty_file_is_a_new_sandbox(tmp_path):
    (tmp_path / "cloud.db").touch()
    with Store(tmp_path / "cloud.db") as store:
        assert store.count() == 0


def test_an_unusable_folder_is_explained(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SandboxError, match="choose a folder"):
        Store(tmp_path / "file" / "cloud.db")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SandboxError, match="cannot be opened"):
        Store(tmp_path / "folder")


def test_a_full_disk_is_explained_and_loses_nothing(tmp_path):
    with Store(tmp_path / "cloud.db") as store:
        store.put("t", "i", {"v": 1})
        store._database._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(SandboxError, match="disk is full"):
            store.objects.put("b", "n", b"x" * 1_000_000)
        assert store.get("t", "i") == {"v": 1}
        assert store.objects.get("b", "n") is None


def test_a_snapshot_is_a_whole_sandbox(store, tmp_path):
    store.put("t", "i", {"v": 1})
    store.snapshot(tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        assert copy.get("t", "i") == {"v": 1}
