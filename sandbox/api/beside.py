"""What is served beside Google's REST APIs: a first part of the path, and who answers below it."""

from collections.abc import Callable

from sandbox.api.call import Facade
from sandbox.api.dispatch import Wire
from sandbox.bucket_api import Answer

Handler = Callable[[Facade, Wire], Answer]

HANDLERS: dict[str, Handler] = {}


def answer(facade: Facade, wire: Wire) -> Answer | None:
    """The answer of who is registered for this path; None where nobody is."""
    handler = HANDLERS.get(wire.path.lstrip("/").partition("/")[0])
    return handler(facade, wire) if handler else None
