"""The project's numbers: a file for each subject, all of one shape."""
