"""Cloud Build on this computer: a build's steps in their order, each as a process where Google starts a container.

Takes a Build as the Cloud Build API writes it and knows nothing of who made it. An image is never pulled: a step runs
its declared entrypoint from the executables that the caller provides, and its result says so (`STAND_IN`).
"""

STAND_IN = "SANDBOX: run by its declared command, not in its image"
