"""A Git host on this computer: protected branches, pull requests, approvals, and who did what at which commit."""

from sandbox.git_host.pulls import Pulls
from sandbox.git_host.repositories import GitRefused, Repositories

__all__ = ["GitRefused", "Pulls", "Repositories"]
