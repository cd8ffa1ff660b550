"""Read by Python at its start where this folder is on PYTHONPATH: Google's clients of the process go to the sandbox."""

import sandbox.redirect  # noqa: F401
