"""Passkeys in a real browser, with a device of its own making (WebDriver's virtual one)."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_idle_lock import leave

pytestmark = pytest.mark.journey

ELEVEN_MINUTES = 11 * 60
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Person:
    """Henrik at a browser whose device holds passkeys and knows him, until told otherwise."""

    def __init__(self, context, size) -> None:
        self.page = context.new_page()
        self.page.set_viewport_size(size)
        self.page.set_default_timeout(10_000)
        self._device = context.new_cdp_session(self.page)
        self._device.send("WebAuthn.enable")
        added = self._device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = added["authenticatorId"]

    def is_known(self, known: bool) -> None:
        given = {"authenticatorId": self._id, "isUserVerified": known}
        self._device.send("WebAuthn.setUserVerified", given)

    def keys(self) -> list[dict]:
        given = {"authenticatorId": self._id}
        return self._device.send("WebAuthn.getCredentials", given)["credentials"]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def enter(self) -> None:
        self.page.goto("/log-in")
        self.page.locator('button[value="henrik"]').click()
        self.page.wait_for_url("**/network")

    def add(self) -> None:
        self.page.goto("/account/passkeys/new")
        self.page.get_by_label("What do you call it?").fill("work phone")
        self.press("Make the passkey")
        self.page.wait_for_url("**/account?done=passkey_added")

    def leave(self) -> None:
        self.page.context.clear_cookies()
        self.page.goto("/log-in")


@pytest.fixture
def browser(chromium, site):
    contexts = []
    # Passkeys belong to names, so the site is opened by its name.
    address = site.replace("127.0.0.1", "localhost")

    def begin(size=DESK, **options):
        contexts.append(chromium.new_context(base_url=address, locale="en-GB", **options))
        return contexts[-1]

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def henrik(browser, request) -> Person:
    """Henrik, who has added a passkey and logged out."""
    person = Person(browser(), getattr(request, "param", DESK))
    person.enter()
    person.add()
    person.leave()
    return person


@pytest.mark.parametrize("henrik", [DESK, PHONE], ids=["desk", "phone"], indirect=True)
def test_the_passkey_alone_logs_in_and_is_seen_on_the_list(henrik):
    page = henrik.page
    henrik.press("Log in with a passkey")
    page.wait_for_url("**/network")

    page.goto("/account")
    row = page.get_by_role("row", name="work phone")
    assert "never" not in row.inner_text()
    assert len(henrik.keys()) == 1


def test_a_device_that_does_not_know_its_user_logs_nobody_in_and_the_page_says_so(henrik):
    henrik.is_known(False)
    henrik.press("Log in with a passkey")
    henrik.page.get_by_text("Nothing happened: it was cancelled").wait_for()
    assert henrik.page.url.endswith("/log-in")

    henrik.is_known(True)
    henrik.press("Log in with a passkey")
    henrik.page.wait_for_url("**/network")


def test_it_proves_who_is_there(henrik, clock):
    henrik.press("Log in with a passkey")
    henrik.page.wait_for_url("**/network")
    clock.move(seconds=ELEVEN_MINUTES)
    henrik.page.goto("/account/passkeys/new")
    assert "/confirm" in henrik.page.url

    henrik.press("Use a passkey")

    henrik.page.get_by_role("heading", name="Add a passkey").wait_for()


def test_one_device_makes_no_second_key_and_the_page_says_so(henrik):
    henrik.press("Log in with a passkey")
    henrik.page.wait_for_url("**/network")
    henrik.page.goto("/account/passkeys/new")
    henrik.page.get_by_label("What do you call it?").fill("again")
    henrik.page.keyboard.press("Enter")
    henrik.page.get_by_text("This device holds a passkey of yours already.").wait_for()
    assert len(henrik.keys()) == 1


def test_a_removed_passkey_is_refused(henrik):
    page = henrik.page
    henrik.press("Log in with a passkey")
    page.wait_for_url("**/network")
    page.goto("/account")
    page.get_by_role("link", name="Remove work phone").click()
    henrik.press("Remove the passkey")
    page.wait_for_url("**/account?done=passkey_removed")
    henrik.leave()

    henrik.press("Log in with a passkey")

    page.get_by_text("That passkey was not accepted.").wait_for()
    page.goto("/network")
    assert "/log-in" in page.url


def test_a_name_is_asked_for_before_the_device_makes_a_key(browser):
    person = Person(browser(), DESK)
    person.enter()
    person.page.goto("/account/passkeys/new")
    person.press("Make the passkey")
    person.page.get_by_role("link", name="Fill this in.").wait_for()
    assert person.keys() == []


def test_the_lock_over_a_page_opens_by_passkey_and_keeps_what_was_typed(browser, clock):
    person = Person(browser(), DESK)
    person.enter()
    person.add()
    person.page.clock.install()
    person.page.goto("/groups/new")
    person.page.locator("#f-name").fill("Älvens vänner")
    leave(person.page, clock)

    person.press("Use a passkey")

    person.page.get_by_role("dialog", name="Locked").wait_for(state="hidden")
    assert person.page.locator("#f-name").input_value() == "Älvens vänner"
    person.press("Save group")
    person.page.wait_for_url("**/groups/*")


def test_without_scripts_or_passkeys_the_page_is_as_it_was(browser, site):
    page = browser(java_script_enabled=False).new_page()
    page.goto("/log-in")
    assert page.get_by_role("button", name="Log in", exact=True).is_visible()
    assert not page.get_by_text("passkey").first.is_visible()
    page.locator('button[value="henrik"]').click()
    page.goto("/account/passkeys/new")
    page.get_by_text("This browser makes no passkeys here").wait_for()

    by_number = browser().new_page()
    by_number.goto(f"{site}/log-in")
    assert by_number.get_by_text("passkey").count() == 0

    context = browser()
    context.add_init_script("delete window.PublicKeyCredential")
    old = context.new_page()
    old.goto("/log-in")
    assert not old.get_by_role("button", name="Log in with a passkey").is_visible()


def test_axe_finds_no_barrier_where_passkeys_are_shown(henrik):
    page, axe, found = henrik.page, Axe(), []

    def look() -> None:
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            result = axe.run(page, options={"resultTypes": ["violations"]})
            if result.violations_count:
                found.append(f"{page.url} at {size['width']}:\n{result.generate_report()}")

    henrik.is_known(False)
    henrik.press("Log in with a passkey")
    page.get_by_text("Nothing happened: it was cancelled").wait_for()
    look()
    henrik.enter()
    for address in ("/account", "/account/passkeys/new", "/account/passkeys/1/remove"):
        page.goto(address)
        look()
    assert not found, "\n".join(found)
