"""One step a file: a function `run` that says by its types what it takes and makes. It knows no orchestrator."""
