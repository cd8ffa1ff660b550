"""What steps hand to each other: tables, reports and models; each kind with one form on disk and one digest."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Report = dict[str, Any]


@dataclass(frozen=True)
class Fitted:
    """A trained model with all that serving needs: what it sees, in this order, and the texts that it knows."""

    inputs: list[str]
    texts: dict[str, list[str]]
    estimator: Any

    def matrix(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Rows as numbers. A text that is missing, or was not there in training, is none of the known ones."""
        columns = [frame[name].to_numpy(dtype=float) for name in self.inputs if name not in self.texts]
        columns += [same(frame[name], text).astype(float) for name, known in self.texts.items() for text in known]
        return np.column_stack(columns)

    def predict(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """The probability of the label, row by row."""
        scores: np.ndarray[Any, Any] = self.estimator.predict_proba(self.matrix(frame))[:, 1]
        return scores


def same(values: pd.Series, text: str) -> np.ndarray[Any, Any]:
    """Which values are this text. Danger: compared with a missing text, pandas says neither yes nor no."""
    found: np.ndarray[Any, Any] = (values == text).fillna(False).to_numpy(bool)
    return found


def digest_of(frame: pd.DataFrame) -> str:
    """The version of a table: the same rows in the same order have the same."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    return hashlib.sha256(",".join(frame.columns).encode() + rows).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, document: Any) -> None:
    """The document as a file, all of it or none."""
    write_whole(path, lambda to: to.write_text(json.dumps(document, indent=1, sort_keys=True, default=str) + "\n"))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """A file that is there completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    write(beside)
    beside.replace(path)


def save(value: Any, path: Path) -> None:
    """An artifact as a file."""
    match value:
        case pd.DataFrame():
            write_whole(path, lambda to: value.to_parquet(to, index=False))
        case Fitted():
            write_whole(path, lambda to: to.write_bytes(pickle.dumps(value, protocol=5)))
        case _:
            write_json(path, value)


def load(kind: type, path: Path) -> Any:
    """The artifact in a file. Danger: a model is code; only files of the run itself or of the registry come here."""
    if kind is pd.DataFrame:
        return pd.read_parquet(path)
    if kind is Fitted:
        return pickle.loads(path.read_bytes())
    return json.loads(path.read_text())
