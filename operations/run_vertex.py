"""The compiled pipeline on this computer, by kfp.local. A program of its own: kfp keeps its settings for a process.

python -m operations.run_vertex FILE ROOT ARGUMENTS_FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(file: str, root: str, arguments: str) -> int:
    """0 where every step has ended well."""
    from kfp import components, local

    # No environment of its own for each step and no installation: the step's container is played by this environment.
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
    try:
        components.load_component_from_file(file)(**json.loads(Path(arguments).read_text()))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
