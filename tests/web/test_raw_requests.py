"""Bytes that no browser sends, written to the socket of `gvi serve`: refused, and it goes on."""

import re
import shutil
import socket

import pytest

from tests.conftest import add_programme, ready_engine
from tests.served import gvi_serve

pytestmark = pytest.mark.slow

INTERNALS = re.compile(rb"Traceback|sqlalchemy|sqlite|starlette|uvicorn|h11|SELECT |/gvi/|\.py\b")
HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
"""What a request carries hidden in its body, to be taken for the next one."""


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    shutil.copy(sqlite_template, folder / "gvi.db")
    url = f"sqlite:///{folder / 'gvi.db'}"
    engine = ready_engine(url)
    add_programme(engine)
    engine.dispose()
    with gvi_serve(url, folder) as served:
        yield served


def say(server, raw: bytes, *, silent_s: float = 0.7) -> bytes:
    """Send bytes and give all that comes back until the server closes, or is silent."""
    came = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=silent_s) as connection:
        try:
            connection.sendall(raw)
            while some := connection.recv(65536):
                came += some
        except (ConnectionError, TimeoutError):
            pass
    return came


def statuses(came: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3})", came)]


def get(path: bytes, head: bytes = HOST) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + head + b"\r\n"


def post(head: bytes, body: bytes) -> bytes:
    return b"POST /find HTTP/1.1\r\n" + HOST + FORM + head + b"\r\n" + body


HOSTILE = {
    "a header of a megabyte": get(b"/log-in", HOST + b"X-A: " + b"a" * 1_000_000 + b"\r\n"),
    "an address of a megabyte": get(b"/log-in?" + b"a" * 1_000_000),
    "a cookie of 60,000 characters": get(
        b"/people", HOST + b"Cookie: gvi_session=" + b"a" * 60_000 + b"\r\n"
    ),
    "10,000 headers": get(b"/log-in", HOST + b"".join(b"X-%d: a\r\n" % n for n in range(10_000))),
    "1,000 cookies": get(b"/people", HOST + b"Cookie: " + b"a=b; " * 1_000 + b"\r\n"),
    "a chunk whose length is no number": post(b"Transfer-Encoding: chunked\r\n", b"zz\r\nab\r\n"),
    "a negative chunk": post(b"Transfer-Encoding: chunked\r\n", b"-5\r\nab\r\n0\r\n\r\n"),
    "a chunk longer than announced": post(
        b"Transfer-Encoding: chunked\r\n", b"1\r\nabcdef\r\n0\r\n\r\n"
    ),
    "a chunk of unbelievable length": post(
        b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\na"
    ),
    "a body shorter than announced": post(b"Content-Length: 500\r\n", b"username=a"),
    "a negative length": post(b"Content-Length: -1\r\n", b""),
    "a length that is no number": post(b"Content-Length: 1e3\r\n", b"a"),
    "a length with a sign": post(b"Content-Length: +5\r\n", b"a=b&c"),
    "a length of a hundred digits": post(b"Content-Length: " + b"9" * 100 + b"\r\n", b"a"),
    "two lengths": post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"a=b&cd"),
    "an unknown coding": post(b"Transfer-Encoding: gzip\r\n", b"a"),
    "NUL in the address": get(b"/people/\x00"),
    "NUL written as %00": get(b"/people/%00?q=%00"),
    "NUL in a header": get(b"/log-in", HOST + b"X-A: a\x00b\r\n"),
    "a header over two lines": get(b"/log-in", HOST + b"X-A: a\r\n b\r\n"),
    "a space before the colon": get(b"/log-in", HOST + b"X-A : a\r\n"),
    "no host": get(b"/log-in", b""),
    "two hosts": get(b"/log-in", HOST + b"Host: evil.example\r\n"),
    "another whole address": get(b"http://evil.example/log-in"),
    "an overlong slash": get(b"/static/%c0%ae%c0%ae/%c0%afetc/passwd"),
    "dots": get(b"/static/../../../../etc/passwd"),
    "dots twice encoded": get(b"/static/%252e%252e/%252e%252e/etc/passwd"),
    "broken percent signs": get(b"/people/%zz?q=%"),
    "not UTF-8": get(b"/people/\xff\xfe?q=\xff"),
    "a method that is none": b"G\x01T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method of 5,000 letters": b"A" * 5_000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "OPTIONS of everything": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /log-in\r\n\r\n",
    "HTTP/2 in the open": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": b"GET /log-in HTTP/9.9\r\n" + HOST + b"\r\n",
    "TLS to the open port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x7f" * 500,
    "an upgrade": get(b"/log-in", HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"),
    "noise": bytes(range(256)) * 40,
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_request_no_browser_sends_is_refused_without_internals_and_the_server_goes_on(
    server, name
):
    came = say(server, HOSTILE[name])

    assert all(status < 500 for status in statuses(came)), came[:300]
    assert len([status for status in statuses(came) if status != 400]) <= 1
    assert not INTERNALS.search(came)
    assert b"evil.example" not in came
    assert b"root:" not in came
    goes_on(server)


def goes_on(server) -> None:
    assert server.process.poll() is None
    asked = get(b"/log-in", HOST + b"Connection: close\r\n")
    assert statuses(say(server, asked, silent_s=20)) == [200]
    assert b"Traceback" not in server.said.read_bytes()


CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        post(b"Content-Length: %d\r\n" % (5 + len(SECOND)) + CHUNKED, b"0\r\n\r\n" + SECOND),
        post(CHUNKED + b"Content-Length: 4\r\n", b"5c\r\na=b\r\n0\r\n\r\n" + SECOND),
        post(b"Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + SECOND),
        post(b"Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SECOND),
        post(b"Content-Length: 5\r\nTransfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n" + SECOND),
        post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n" + SECOND),
        post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(SECOND), SECOND),
        post(b"X: y\nContent-Length: %d\r\n" % len(SECOND), SECOND),
    ],
    ids=[
        "length and chunks",
        "chunks and length",
        "a misspelt coding",
        "a space before the colon",
        "a tab that is none",
        "two codings",
        "two lengths",
        "a bare line feed",
    ],
)
def test_no_second_request_hides_in_a_body_a_proxy_would_read_another_way(server, raw):
    came = say(server, raw, silent_s=3)

    assert len(statuses(came)) == 1, came
    assert b'"status"' not in came
    goes_on(server)


def test_connections_that_say_nothing_or_little_keep_nobody_waiting(server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        for number, connection in enumerate(slow):
            if number % 2:
                connection.sendall(b"POST /log-in HTTP/1.1\r\n" + HOST + FORM)
            if number % 4 == 3:
                connection.sendall(b"Content-Length: 500\r\n\r\nusername=")
        goes_on(server)
    finally:
        for connection in slow:
            connection.close()
    goes_on(server)
