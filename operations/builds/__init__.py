"""Builds of the pipelines: what an event starts, the runner behind the sandbox's Cloud Build, and approvals."""
