"""A real browser: found on this computer, or installed from Debian where this process may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
)


def chromium() -> str:
    """Path of a browser; ends the process with the way out where there is none and none can be installed."""
    wish = os.environ.get("BLUEPRINT_BROWSER")
    found = next((path for name in ([wish] if wish else NAMES) if (path := shutil.which(name))), None)
    if found is None and not wish and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in INSTALL:
            subprocess.run(words, check=True, stdout=sys.stderr, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        found = shutil.which(NAMES[0])
    if found is None:
        sys.exit("chromium: not found; install it (apt-get install chromium) or name one in BLUEPRINT_BROWSER")
    return found


if __name__ == "__main__":
    print(chromium())
