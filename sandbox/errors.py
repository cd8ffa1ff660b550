"""The one exception the sandbox raises for a person to read."""


class SandboxError(Exception):
    """Says `place: problem; way out`; never carries a traceback of a library."""


class PreconditionFailed(SandboxError):  # noqa: N818
    """An object was changed by somebody else: its generation is not the expected one."""


class Retained(SandboxError):  # noqa: N818
    """An object is younger than its bucket keeps every object."""


class StoreClosed(SandboxError):  # noqa: N818
    """The store was closed, with its server, before this was asked of it."""
