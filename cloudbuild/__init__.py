"""How changes travel: one folder per Cloud Build pipeline."""
