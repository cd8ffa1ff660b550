"""Where an installation is described: in a folder of its own; the example comes with the code."""

from pathlib import Path

OWN, EXAMPLE = "installation", "settings"


def found(folder: Path = Path()) -> Path | None:
    """The settings that lie in a folder: an installation of its own goes before the example."""
    return next((folder / name for name in (OWN, EXAMPLE) if (folder / name).is_dir()), None)
