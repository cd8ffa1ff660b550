"""The unit tests of an image, run where its files lie as they lie in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from operations.images.making import APP, code, find
from operations.outcome import OperationFailed
from pipelines.images.image import FOLDER, TESTS


def tested(key: str) -> int:
    """Runs the tests of an image's folder; how many there are. OperationFailed with the first that fails, or none."""
    place = f"pipelines/images/{key}/{TESTS}"
    with tempfile.TemporaryDirectory() as folder:
        for name, data in code(find(key), FOLDER / key):
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        app = Path(folder) / APP
        done = subprocess.run(
            [sys.executable, "-m", "unittest", "discover", "-s", f"pipelines/images/{key}", "-p", TESTS],
            cwd=app,
            env=os.environ | {"PYTHONPATH": str(app)},
            capture_output=True,
            text=True,
            check=False,
        )
    ran = re.search(r"(?m)^Ran (\d+) tests?", done.stderr)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        told = next((line for line in lines if line.startswith(("FAIL:", "ERROR:"))), lines[-1])
        raise OperationFailed(place, told, "correct what the image holds, or its test")
    if not ran or ran[1] == "0":
        raise OperationFailed(place, "holds no test", "write one: what is in the image that has to work?")
    return int(ran[1])
