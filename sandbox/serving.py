"""gRPC endpoints for Terraform: started in this process, reached through TF_REATTACH_PROVIDERS."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from tf.gen import tfplugin_pb2 as pb

from sandbox import diagnostics
from sandbox.configuration import Configuration
from sandbox.errors import SandboxError
from sandbox.iam.origins import WORKPLACE

_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]
_THREADS = 10  # Terraform has ten requests under way at a time


class Serving:
    """The providers at work. Each `reattach()` opens endpoints of its own, to be released or stopped."""

    def __init__(self, providers: Mapping[str, Any]) -> None:
        self._providers = dict(providers)
        self._open: dict[str, list[grpc.Server]] = {}
        self._lock = threading.Lock()

    def reattach(self, folder: Path | None = None, acting: str = "", origin: str = WORKPLACE) -> str:
        """A value for TF_REATTACH_PROVIDERS; `folder` is where relative file names in configurations start.

        `acting` is the service account that changes things where a provider block impersonates none, `origin`
        from where all of them call.
        """
        servers, entries = [], {}
        for address, provider in self._providers.items():
            server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
            server.add_generic_rpc_handlers(_handlers(provider, folder, Configuration(acting=acting, origin=origin)))
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            servers.append(server)
            entries[address] = {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": os.getpid(),
                "Test": True,
                "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
            }
        value = json.dumps(entries)
        with self._lock:
            self._open[value] = servers
        return value

    def release(self, reattach: str) -> None:
        """Close the endpoints behind a value that `reattach` returned."""
        with self._lock:
            servers = self._open.pop(reattach, [])
        for stopped in [server.stop(0) for server in servers]:
            stopped.wait(5)

    def stop(self) -> None:
        for reattach in list(self._open):
            self.release(reattach)

    def __enter__(self) -> "Serving":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Connections:
    """What each connection configured: Terraform opens one per provider block, so aliases stay apart.

    That needs TCP, where every connection has a name of its own; on Unix sockets all have the same.
    """

    def __init__(self, first: Configuration) -> None:
        self._first = first
        self._settings: dict[str, Configuration] = {}

    def get(self, peer: str) -> Configuration:
        return self._settings.get(peer, self._first)

    def set(self, peer: str, settings: Configuration) -> None:
        self._settings[peer] = settings


def _handlers(
    provider: Any, folder: Path | None, first: Configuration
) -> "tuple[grpc.GenericRpcHandler[Any, Any], ...]":
    connections = _Connections(first)
    names = [name for name in dir(provider) if name[0].isupper()]
    calls = {name: _call(provider, name, connections, folder) for name in names}
    # The schema is never encoded anew: raw bytes come from the cache and go out.
    calls["GetProviderSchema"] = grpc.unary_unary_rpc_method_handler(lambda request, context: provider.schema.raw)
    shutdown = grpc.unary_unary_rpc_method_handler(lambda request, context: b"")
    output = grpc.unary_stream_rpc_method_handler(lambda request, context: iter(()))
    return (
        grpc.method_handlers_generic_handler("tfplugin6.Provider", calls),
        grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": shutdown}),
        grpc.method_handlers_generic_handler("plugin.GRPCStdio", {"StreamStdio": output}),
    )


def _call(
    provider: Any, name: str, connections: _Connections, folder: Path | None
) -> "grpc.RpcMethodHandler[Any, Any]":
    message = getattr(pb, name)
    method: Callable[..., Any] = getattr(provider, name)

    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            settings = connections.get(context.peer())
            if name == "ConfigureProvider":
                response, configured = method(request, settings)
                connections.set(context.peer(), configured)
                return response
            return method(request, settings, folder) if name == "ApplyResourceChange" else method(request, settings)
        except SandboxError as problem:
            return message.Response(diagnostics=diagnostics.of(problem))
        except Exception as bug:
            what = f"sandbox: internal error in {name} of {getattr(request, 'type_name', '') or 'the provider'}"
            detail = f"{type(bug).__name__}: {bug}. Please report it with the configuration that led here."
            return message.Response(diagnostics=[diagnostics.error(what, detail)])

    return grpc.unary_unary_rpc_method_handler(answer, message.Request.FromString, message.Response.SerializeToString)
