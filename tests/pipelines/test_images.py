"""Images: the same sources give the same digest, everything in them is pinned, and what they lack is said."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from operations.images import making, testing
from operations.images.desk import checked
from operations.outcome import OperationFailed
from pipelines.images.image import FOLDER, bases, pins, read
from pipelines.images.layout import Start, build, digest, layer
from settings.problems import InvalidSettings
from tests.program import blueprint

IMAGES = sorted(read())


@pytest.mark.proves("D4", defect="a line of code that was added on the way")
@pytest.mark.parametrize("key", IMAGES)
def test_an_image_has_the_same_digest_whenever_it_is_built_and_another_for_other_code(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = making.make(key, commit="c", start=None, index="")
    assert making.make(key, commit="c", start=None, index="").image.digest == made.image.digest
    for room in read()[key].code:
        shutil.copytree(making.ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(making, "ROOT", tmp_path)
    assert making.make(key, commit="c", start=None, index="").image.digest == made.image.digest
    (tmp_path / read()[key].code[0] / "planted.py").write_text("planted = True\n")
    assert making.make(key, commit="c", start=None, index="").image.digest != made.image.digest


def test_an_image_layout_names_every_blob_by_its_content(tmp_path: Path) -> None:
    made = making.make(IMAGES[0], commit="c", start=None, index="")
    made.write(tmp_path)
    folder = tmp_path / IMAGES[0]
    assert json.loads((folder / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    (entry,) = json.loads((folder / "index.json").read_text())["manifests"]
    assert entry["digest"] == made.image.digest
    blobs = list((folder / "blobs/sha256").iterdir())
    assert {digest(blob.read_bytes()) for blob in blobs} == {f"sha256:{blob.name}" for blob in blobs}
    manifest = json.loads((folder / "blobs" / entry["digest"].replace(":", "/")).read_text())
    assert {part["digest"] for part in (manifest["config"], *manifest["layers"])} <= set(made.image.blobs)


def test_an_image_runs_as_nobody_special_and_says_what_it_was_built_from_and_what_it_lacks() -> None:
    made = making.make(IMAGES[0], commit="abc", start=None, index="")
    config = json.loads(made.image.blobs[made.image.manifest["config"]["digest"]])["config"]
    assert int(config["User"]) >= 1000
    assert config["Labels"][making.COMMIT] == "abc"
    assert config["Labels"]["stand-in"] == made.stand_in == "SANDBOX: without its base and its packages"
    whole = build(Start(), [layer([("a", b"")])], command=[], user=1, folder="/", labels={})
    assert "stand-in" not in json.dumps(whole.manifest)


def test_a_layer_holds_no_time_and_no_owner() -> None:
    with tarfile.open(fileobj=io.BytesIO(layer([("b", b"2"), ("a", b"1")]))) as archive:
        entries = archive.getmembers()
    assert [(e.name, e.mtime, e.uid, e.gid, e.uname) for e in entries] == [("a", 0, 0, 0, ""), ("b", 0, 0, 0, "")]


@pytest.mark.parametrize("key", IMAGES)
def test_the_bill_of_materials_lists_the_base_and_every_locked_package(key: str) -> None:
    made = making.make(key, commit="c", start=None, index="")
    bill = json.loads(made.bill)
    locked = pins(FOLDER / key / read()[key].packages)
    assert bill["bomFormat"] == "CycloneDX"
    assert {c["name"]: c["version"] for c in bill["components"] if c["type"] == "library"} == locked
    assert bases()[read()[key].base].image in {c["name"] for c in bill["components"]}
    assert bill["metadata"]["component"]["hashes"][0]["content"] == made.image.digest.removeprefix("sha256:")


def test_a_base_without_a_digest_gives_no_image_for_google(tmp_path: Path) -> None:
    assert all(base.digest is None or base.read for base in bases().values())
    if any(base.digest is None for base in bases().values()):
        done = blueprint("images", "build", "--target", "google", "--out", str(tmp_path), cwd=making.ROOT)
        assert (done.returncode, "run 'blueprint images pin'" in done.stderr) == (1, True)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("churn/image.yaml", "base: python", "base: pyton", "no base 'pyton'; did you mean 'python'?"),
        ("churn/image.yaml", "user: 10001", "user: 0", "user"),
        ("churn/image.yaml", "packages.txt", "none.txt", "no file 'none.txt'"),
        ("churn/packages.txt", "numpy==", "unhashed==1.0\nnumpy==", "unhashed without a hash"),
        ("bases.yaml", "digest: null", "digest: latest", "digest"),
    ],
)
def test_a_defect_in_an_image_folder_is_found(file: str, old: str, new: str, told: str, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(InvalidSettings) as raised:
        read(folder)
    assert told in str(raised.value)
    assert checked() == IMAGES


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("pipelines/steps/transform.py", "frame.assign(**made)", "frame.copy()", "test_features_are"),
        ("pipelines/images/churn/test_image.py", "def test_", "def left_out_", "holds no test"),
    ],
)
def test_code_that_does_not_do_its_work_in_the_image_is_found(
    file: str, old: str, new: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in read()["churn"].code:
        shutil.copytree(making.ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new))
    monkeypatch.setattr(making, "ROOT", tmp_path)
    with pytest.raises(OperationFailed, match=told):
        testing.tested("churn")


def test_the_code_does_its_work_in_the_image() -> None:
    assert testing.tested("churn") > 1
