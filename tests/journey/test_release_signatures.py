"""A release on the deployed estate: signed by who judged it, moved by who can only verify, and stopped without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from google.cloud.storage import Client

from operations.evaluations import Desk
from operations.images.desk import Images
from operations.images.making import make
from operations.images.sealing import Origin
from operations.outcome import OperationFailed
from operations.pipeline_release import acting
from operations.promotions import of_environment, promoted
from operations.release_signatures import Signatures
from operations.releases import signed, verified
from operations.signing import signature
from pipelines.genai import release
from settings.loading import names_of
from settings.model import Installation
from settings.names import Names
from settings.problems import InvalidSettings
from tests.program import ROOT

Act = Callable[[str], None]
COMMIT, SETTINGS = "0123456789ab" + 28 * "0", ROOT / "settings"
HELD = "releases/assistant/release.lock"
NOWHERE = "d" * 64


def builder(names: Names, role: str) -> str:
    return f"serviceAccount:{names.service_account('common', 'delivery-w', role)}"


@pytest.fixture
def names(installation: Installation) -> Names:
    return names_of(installation)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The example's release, in a folder of its own."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    folder = Path(shutil.copytree(ROOT / "pipelines/genai", tmp_path / "genai", ignore=ignored))
    return Desk.opened(folder, SETTINGS, "assistant", kept=tmp_path / "kept")


@pytest.fixture
def lock(desk: Desk) -> Path:
    return desk.assets.folder / "releases/assistant/release.lock"


def moved(desk: Desk, source: str = "here", to: str = "production") -> str:
    with acting("sandbox", ""):
        return promoted(desk, SETTINGS, source=source, to=to, target="sandbox")


def in_production(names: Names) -> dict[str, bytes]:
    """What lies beside the pipelines' definitions there, by name."""
    bucket = Client(project="unused").bucket(names.bucket("production", "assistant", "definitions"))
    return {one.name: one.download_as_bytes() for one in bucket.list_blobs(prefix="releases/")}


@pytest.mark.proves("GO-deploy-1", defect="who moves a release signs it, and who signs it moves it")
def test_who_judges_a_release_signs_it_and_who_moves_it_only_verifies(
    act_as: Act, names: Names, desk: Desk, lock: Path
) -> None:
    signer, mover = builder(names, "signing-assistant"), builder(names, "operational-assistant")
    act_as(mover)
    with pytest.raises(OperationFailed, match=r"cloudkms.cryptoKeyVersions.useToSign"), acting("sandbox", ""):
        signed(desk)
    act_as(signer)
    where = signed(desk)
    assert where.startswith(f"gs://{names.release_bucket()}/assistant/{sha256(lock.read_bytes()).hexdigest()}/")
    with pytest.raises(OperationFailed, match=r"storage.objects.list|cloudkms") as refused:
        moved(desk)
    assert refused.value.code == 4
    with pytest.raises(Exception, match=r"storage.objects.(create|get|list)"):
        Client(project="unused").bucket(names.bucket("production", "assistant", "definitions")).blob(
            HELD
        ).upload_from_string(b"{}")
    act_as(mover)
    assert verified(desk, signed=True) == []
    moved(desk, to="nonproduction")
    moved(desk, source="nonproduction")
    act_as("operator")
    assert in_production(names) == {HELD: lock.read_bytes()}, "the lock moves, and nothing else"
    assert of_environment(desk, SETTINGS, "production", "sandbox") == []
    overwrite(names.bucket("production", "assistant", "definitions"), lock.read_bytes() + b" ")
    (spaced,) = of_environment(desk, SETTINGS, "production", "sandbox")
    assert spaced.place.startswith("release.lock:") and "byte" in spaced.text
    other = lock.read_bytes().replace(b"gemini-3.5-flash", b"gemini-3.5-other", 1)
    overwrite(names.bucket("nonproduction", "assistant", "definitions"), other)
    act_as(mover)
    with pytest.raises(OperationFailed, match=r"release.lock.models.answer.id"):
        moved(desk, source="nonproduction")
    with pytest.raises(OperationFailed, match="is 'STUB on this computer'"):
        promoted(desk, SETTINGS, source="here", to="production", target="google")
    path = desk.assets.folder / "prompts/rate/template.txt"
    path.write_text(path.read_text() + "Be kind.")
    with pytest.raises(OperationFailed, match=r"release.lock.evaluation.version"):
        moved(Desk.opened(desk.assets.folder, SETTINGS, "assistant", kept=desk.kept))


def overwrite(bucket: str, content: bytes) -> None:
    Client(project="unused").bucket(bucket).blob(HELD).upload_from_string(content)


@pytest.mark.proves(
    "GO-version-2",
    "GO-deploy-1",
    defect="no signature, that of another lock or key, each byte of it and of the lock, an image that is not there",
)
def test_whatever_is_wrong_with_signature_or_image_stops_a_release_by_name(
    act_as: Act, names: Names, desk: Desk, lock: Path
) -> None:
    act_as("operator")
    written, document = lock.read_bytes(), json.loads(lock.read_text())

    def stopped() -> str:
        with pytest.raises(OperationFailed) as refused:
            moved(desk)
        assert (refused.value.code, in_production(names)) == (4, {})
        return str(refused.value)

    def locked(image: str) -> None:
        lock.write_bytes(release.as_bytes(document | {"image": image}))
        signed(desk)

    assert stopped().startswith("release.lock: is not signed; merge it")
    true = read_bytes(signed(desk))
    for planted in plants(desk, names, written, true):
        put(desk, written, planted)
        assert "is no signature of it by the key of team 'assistant'" in stopped()
    put(desk, written, true)
    assert verified(desk, signed=True) == [], "the newest counts"
    lock.write_bytes(written + b" ")
    assert "is not written as a lock is" in stopped()
    lock.write_bytes(written.replace(b"{", b"", 1))
    with pytest.raises(InvalidSettings, match="is not JSON"):
        moved(desk)
    lock.unlink()
    with pytest.raises(InvalidSettings, match="cannot be read"):
        moved(desk)
    host = names.repository("images")
    locked(f"{host}/churn@sha256:{NOWHERE}")
    assert f"release.lock.image: {host}/churn@sha256:{NOWHERE} is not in the registry" in stopped()
    locked(f"docker.io/library/python@sha256:{NOWHERE}")
    assert "is not in the registry" in stopped()
    images, made = Images(names), make("churn", commit=COMMIT, start=None, index="")
    address = images.push(made, COMMIT, "")
    locked(address)
    assert f"release.lock.image: {address} carries no seal" in stopped()
    digest = address.partition("@")[2]
    bill = sha256(images.bill("churn", digest)).hexdigest()
    images.approve(
        "churn", digest, Origin("w", "1", "c", COMMIT, "python:3", "00", bill, (), ("ada",), "ada", "dora", "2")
    )
    lock.write_bytes(release.as_bytes(document | {"image": address}))
    moved(desk)
    assert json.loads(in_production(names)[HELD])["image"] == address


def plants(desk: Desk, names: Names, written: bytes, true: bytes) -> Iterator[bytes]:
    """What is no signature of the lock: of another lock, by another key, one with another byte, none at all."""
    of_team = Signatures.of(desk.installation, "assistant")
    yield signature(of_team.key, written + b" ")
    yield signature(Images(names).seal.key, written)
    yield from (true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :] for at in range(0, len(true), 5))
    yield b""
    yield b"no signature"


def put(desk: Desk, written: bytes, content: bytes) -> None:
    """A file in the place of a signature, the newest there is."""
    folder = Client(project="unused").bucket(Signatures.of(desk.installation, "assistant").place)
    count = len(list(folder.list_blobs(prefix="assistant/")))
    folder.blob(f"assistant/{sha256(written).hexdigest()}/9{count:03}.sig").upload_from_string(content)


def read_bytes(address: str) -> bytes:
    bucket, _, name = address.removeprefix("gs://").partition("/")
    found: bytes = Client(project="unused").bucket(bucket).blob(name).download_as_bytes()
    return found
