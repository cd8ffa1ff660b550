"""Work that APIs take on: what the facade only describes is done here, on this computer, by processes.

An image is never pulled: a container runs its declared command, or the one that its image in the sandbox's registry
declares, from the executables that the host has, and says so (`STAND_IN`).
"""

STAND_IN = "SANDBOX: ran by its declared command on this computer, not in its image"
