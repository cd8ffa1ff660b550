"""Files of the working folders, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from operations.outcome import OperationFailed
from settings.problems import InvalidSettings
from settings.writing import write as write_atomically


def write(path: Path, text: str) -> None:
    """Put `text` in place of a file at once. OperationFailed where the computer refuses; then the file is as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    except OSError as error:
        raise OperationFailed(str(path), f"cannot be written ({error.strerror})", "free the way and repeat") from None
    except InvalidSettings as error:
        problem = error.problems[0]
        raise OperationFailed(problem.place, problem.text, problem.way_out) from None
