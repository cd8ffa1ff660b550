"""Cloud Storage as Terraform's gcs backend sees it: objects of the sandbox's buckets, over HTTP on the loopback."""

import hmac
import secrets
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.bucket_api import Answer, BucketApi, Refusal, Request, error
from sandbox.errors import PreconditionFailed
from sandbox.store import Store
from sandbox.uploads import Resumable


class BucketServer:
    """Serves the buckets of a store until `stop`; only who has the `token` gets in.

    A bucket exists as soon as the store has it as a `google_storage_bucket`.
    """

    def __init__(self, store: Store) -> None:
        self.token = secrets.token_urlsafe(24)
        resumable = Resumable()

        class Handler(_Handler):
            def answer(self, request: Request) -> Answer:
                return BucketApi(store, resumable, self.server.server_address[1]).answer(request)

        Handler.token = self.token
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}/storage/v1/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing more; requests under way are answered if the process lives on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: what gets here is a client that was killed in the middle of a request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    token = ""
    server: ThreadingHTTPServer

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        path = [unquote(part) for part in parts.path.removeprefix("/").split("/")]
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._body(headers)
        try:
            if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {self.token}".encode()):
                raise Refusal(401, "required", "the sandbox knows no such token; use the environment it hands out")
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            answer = self.answer(Request(self.command, path, query, headers, body))
        except PreconditionFailed:
            answer = error(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
        except Refusal as refusal:
            answer = error(refusal.status, refusal.reason, str(refusal))
        except Exception as problem:
            # Never 5xx and never a dropped connection: Google's clients retry those without end, and Terraform hangs.
            answer = error(400, "invalid", str(problem))
        self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status, HTTPStatus(answer.status).phrase)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: Terraform reports what goes wrong."""
