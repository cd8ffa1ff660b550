"""Cloud Build on this computer: a build's steps in their order, each as a process where Google starts a container.

Takes a Build as the Cloud Build API writes it and knows nothing of who made it. An image is never pulled: a step runs
its declared entrypoint from the executables that the caller provides, and the build says so (`STAND_IN`).
"""

STAND_IN = "SANDBOX: every step ran by its declared command, none in its image"
