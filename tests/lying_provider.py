"""A provider that answers whatever a test has it answer: what a real one would never say."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, import_key

from tests.provider import new_key

OWN_KEY = new_key("own")


class LyingProvider:
    """What it answers, to be changed before it is asked."""

    def __init__(self, address: str, clock: Callable[[], datetime]) -> None:
        self.issuer = address
        self._clock = clock
        self.description = {
            "issuer": address,
            "authorization_endpoint": f"{address}/auth",
            "token_endpoint": f"{address}/token",
            "jwks_uri": f"{address}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        self.keys: list[dict[str, Any]] = [public(OWN_KEY)]
        self.token = ""
        self.asked: list[str] = []
        self.delay_s = 0.0
        self.status = 200
        self.raw: bytes | None = None

    def settings(self) -> dict[str, str]:
        return {
            "public_url": "http://testserver",
            "oidc_issuer": self.issuer,
            "oidc_client_id": "gvi",
            "oidc_client_secret": "secret",
        }

    def signs(
        self, nonce: str, /, *, key: dict[str, Any] = OWN_KEY, alg: str = "RS256", **claims: Any
    ) -> None:
        """Have the next token say this; a claim of None is left out."""
        now = int(self._clock().timestamp())
        said = {
            "iss": self.issuer,
            "sub": "anna",
            "aud": "gvi",
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            **claims,
        }
        header = {"alg": alg, "kid": key["kid"]}
        left = {name: value for name, value in said.items() if value is not None}
        self.token = jwt.encode(header, left, import_key(key), algorithms=[alg])

    def answers(self, path: str) -> bytes:
        if self.raw is not None:
            return self.raw
        if path.endswith("openid-configuration"):
            return json.dumps(self.description).encode()
        if path == "/jwks":
            return json.dumps({"keys": self.keys}).encode()
        return json.dumps({"id_token": self.token, "access_token": "-"}).encode()


def public(key: dict[str, Any]) -> dict[str, Any]:
    """Give the part of a key that everybody may have."""
    return KeySet([import_key(key)]).as_dict(private=False)["keys"][0]


def asked_of(address: str) -> dict[str, str]:
    """Give what an address that leads to a provider asks of it."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@contextmanager
def lying_provider(clock: Callable[[], datetime]) -> Iterator[LyingProvider]:
    """Run one on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            time.sleep(provider.delay_s)
            body = provider.answers(self.path)
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = LyingProvider(f"http://127.0.0.1:{server.server_port}", clock)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
