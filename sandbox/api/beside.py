"""What is served beside Google's REST APIs: a first part of the path, and who answers below it."""

from collections.abc import Callable
from importlib import import_module

from sandbox.api.call import Facade
from sandbox.api.dispatch import Wire
from sandbox.bucket_api import Answer

HANDLERS = {"git": "sandbox.git_host.wire", "docker": "sandbox.api.image_registry"}


def answer(facade: Facade, wire: Wire) -> Answer | None:
    """The answer of the module that serves this path; None where none does."""
    module = HANDLERS.get(wire.path.lstrip("/").partition("/")[0])
    if module is None:
        return None
    handler: Callable[[Facade, Wire], Answer] = import_module(module).answer
    return handler(facade, wire)
