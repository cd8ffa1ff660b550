"""How it is done: plain functions that orchestrate the rooms."""
