"""The containers of operational pipelines: one folder per image, built without an engine, the same bytes every time."""
