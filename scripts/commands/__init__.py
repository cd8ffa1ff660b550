"""One file per command; each has a `command` that parses, calls one function and prints."""
