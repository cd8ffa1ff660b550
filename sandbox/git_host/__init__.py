"""A Git host on this computer: protected branches, pull requests, approvals, checks, and who did what where."""

from sandbox.git_host.pulls import Pulls
from sandbox.git_host.repositories import GitRefused, Repositories

__all__ = ["GitRefused", "Pulls", "Repositories"]
