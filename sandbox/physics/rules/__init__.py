"""The rules: a file is a rule."""
