"""What Google's clients raise is told as one sentence, whatever shape the client gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, RetryError
from google.cloud.storage import Client

from operations.google_words import told, words
from operations.outcome import Exit, OperationFailed
from operations.serving import clients
from sandbox.store import Store


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda client: client.bucket("none").blob("one").upload_from_string(b"1"), "storage.objects.create"),
        (lambda client: client.bucket("none").blob("one").download_as_bytes(), "storage.objects.get"),
        (lambda client: client.get_bucket("none"), "storage.buckets.get"),
    ],
    ids=["upload", "download", "call"],
)
def test_a_refusal_is_one_sentence_without_the_request(
    ask: Callable[[Client], object], answer: str, tmp_path: Path
) -> None:
    (tmp_path / ".sandbox").mkdir()
    Store(tmp_path / ".sandbox/cloud.db").close()
    with (
        clients("sandbox", tmp_path, principal="user:eve@example.com"),
        pytest.raises(GoogleAPICallError) as refused,
    ):
        ask(Client(project="p1"))
    told = words(refused.value)
    assert told.startswith(f"Permission '{answer}' denied on resource")
    assert "http" not in told and "{" not in told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            '{\n  "error": {\n    "message": "Permission denied."\n  }\n}\n: (\'Request failed\', 403)',
            "Permission denied",
        ),
        ('{"error": {"message": "cut', '{"error": {"message": "cut'),
        ('{"error": "no object"}', '{"error": "no object"}'),
        ("Two lines.\nOf text.", "Two lines"),
    ],
)
def test_an_answer_of_any_shape_is_told(answer: str, told: str) -> None:
    assert words(Forbidden(f"POST http://127.0.0.1/upload: {answer}")) == told  # type: ignore[no-untyped-call]


def test_what_was_asked_again_in_vain_is_told_by_its_reason_and_what_is_let_through_stays() -> None:
    with pytest.raises(OperationFailed, match="gs://b: Not yours; ask who may") as raised, told("gs://b"):
        raise RetryError("Timeout of 120.0s exceeded", cause=Forbidden("Not yours."))  # type: ignore[no-untyped-call]
    assert raised.value.code == Exit.REFUSED
    with pytest.raises(NotFound), told("gs://b", let=(NotFound,)):
        raise NotFound("Not there.")  # type: ignore[no-untyped-call]
