"""One visit: who asks, under which right, as known when; and the log of what was shown.

`may("noun:verb")` is the only way into a route. It finds the session, checks the right before
anything is read, and writes one audit entry for what the visit showed before the answer leaves.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from gvi.domain.access import FRESH, POLICY, Viewer, allows
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.log_in import SESSION_IDLE
from gvi.domain.text import N_
from gvi.domain.time import read_as_of
from gvi.domain.token import scope_for
from gvi.settings import Settings
from gvi.store.asked import Asked
from gvi.store.engine import reading, transaction
from gvi.store.types import ALWAYS
from gvi.store.wall import wall_of
from gvi.usecases.session import SignedIn
from gvi.web import templating
from gvi.web.addresses import addresses_of, asked
from gvi.web.context import Message, PageContext, navigation, quick_bar
from gvi.web.format import Manner
from gvi.web.forms import Form
from gvi.web.limits import FORM_LIMITS
from gvi.web.session import (
    Known,
    NotFreshError,
    NotSignedInError,
    Now,
    is_form_token,
)
from gvi.web.text import translate, translate_plural
from gvi.web.visit_log import DENIED, note_refusal
from gvi.web.visit_log import note_reading as _note_reading

NOT_FOUND = 404
CONFLICT = 409
SAFE_METHODS = frozenset({"GET", "HEAD"})
LOOK = "_look"
"""Field of a form that was kept over a log-in: it is shown again as typed, and saves nothing."""

T = TypeVar("T")


def write_session(request: Request, found: Known) -> Iterator[Session]:
    """Give the request's one write transaction; it is committed before the answer leaves.

    The log-in session is looked up first: noting presence is a write of its own, which would wait
    for ever for this one.
    """
    with transaction(request.app.state.engine, wall=_wall(found)) as session:
        yield session
        if getattr(request.state, "only_looks", False):
            session.rollback()


async def read_session(request: Request, found: Known) -> AsyncIterator[Session]:
    """Give a session in which the database refuses every write; the page's own thread connects."""
    session = reading(request.app.state.engine, wall=_wall(found))
    try:
        yield session
    finally:
        # Not in line for the pages' threads: pages there may be waiting for this very connection.
        await anyio.to_thread.run_sync(session.close, limiter=anyio.CapacityLimiter(1))


def _wall(found: Known) -> str:
    return wall_of(found.viewer if found else None)


Db = Annotated[Session, Depends(write_session, scope="function")]
ReadDb = Annotated[Session, Depends(read_session, scope="function")]


@dataclass
class Visit:
    """What a route knows about its visitor; made by `may(...)`."""

    request: Request
    signed_in: SignedIn
    permission: str
    now: datetime
    as_of: datetime | None
    """The instant asked about; None is now."""
    settings: Settings
    asks: bool = False
    """A POST that only asks, such as for a plan: logged as a reading."""
    is_combining: bool = False
    """Records about several people were put together, beyond what the permission says."""
    has_shown_page: bool = False
    failure: BaseException | None = None
    shown: dict[str, set[int]] = field(default_factory=dict)
    detail: dict[str, object] = field(default_factory=dict)

    @property
    def viewer(self) -> Viewer:
        """Who asks: the first argument of every query and use case."""
        return self.signed_in.viewer

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return self.settings.zone

    @property
    def instant(self) -> datetime:
        """The instant asked about: the as-of moment, or now."""
        return self.as_of or self.now

    @property
    def today(self) -> date:
        """The local day now."""
        return self.now.astimezone(self.zone).date()

    @property
    def day(self) -> date:
        """The local day asked about: the as-of day, or today. Ages are judged on it."""
        return self.instant.astimezone(self.zone).date()

    @property
    def manner(self) -> Manner:
        """How the visitor is spoken to: language, zone and clock."""
        return Manner(self.viewer.language, self.zone, self.now)

    @property
    def asked(self) -> Asked:
        """The moment asked about, for queries about facts that hold for a time."""
        return Asked.of(self.as_of, now=self.now, zone=self.zone)

    def may(self, permission: str) -> bool:
        """Tell whether the visitor holds another permission, to decide what to offer."""
        return allows(self.viewer, permission)

    def shows(self, noun: str, ids: Iterable[int]) -> None:
        """Note what is shown, for the audit log; every person on the page must be named here."""
        self.shown.setdefault(noun, set()).update(ids)

    def combines(self) -> None:
        """Say that this page puts records about several people together, for the audit log."""
        self.is_combining = True

    def notes(self, **detail: object) -> None:
        """Note a circumstance for the audit log, such as that a search was made."""
        self.detail.update(detail)

    def say(self, message: str, **params: object) -> str:
        """Say a marked sentence in the visitor's language."""
        return translate(message, self.viewer.language, **params)

    def say_plural(self, one: str, many: str, number: int, **params: object) -> str:
        """Say how many of something, in the visitor's language; `%(num)s` is the number."""
        return translate_plural(one, many, number, self.viewer.language, **params)

    def page(self, *messages: Message) -> PageContext:
        """Make the context every template gets."""
        request, viewer = self.request, self.viewer
        path, query = asked(request)
        return PageContext(
            language=viewer.language,
            programme=self.signed_in.programme,
            town=self.signed_in.town,
            is_invented=self.signed_in.is_invented,
            now=self.now,
            zone=self.zone,
            csrf_token=self.signed_in.csrf_token,
            static=templating.static_prefix(),
            path=path,
            query=query,
            addresses=addresses_of(request),
            viewer_name=viewer.name,
            viewer_role=viewer.role,
            nav=navigation(self.may, path, is_invented=self.signed_in.is_invented),
            quick=quick_bar(viewer.role, self.may, path),
            as_of=self.as_of,
            messages=(*self._flash(), *messages),
            may_search=self.may("search:use"),
            may_have_tokens=self.may("own_token:read"),
            locks_after=SESSION_IDLE,
        )

    def _flash(self) -> tuple[Message, ...]:
        """Read what the act before this page left to say: `?done=key` names a known sentence."""
        sentence = DONE.get(self.request.query_params.get("done", ""))
        said = (Message(kind="done", text=self.say(sentence)),) if sentence else ()
        weak = (Message(kind="warning", text=self.say(WEAK)),)
        return said + weak if self.signed_in.is_passphrase_weak else said

    def render(self, template: str, /, *, status_code: int = 200, **values: Any) -> HTMLResponse:
        """Answer with a page."""
        self.has_shown_page = True
        if getattr(values.get("form"), "is_stale", False):
            status_code = CONFLICT
        return templating.render(self.page(), template, status_code=status_code, **values)

    def form(self) -> Form:
        """Give an empty form in the visitor's language."""
        return Form(language=self.viewer.language, zone=self.zone)


WEAK = N_(
    "Your passphrase is among those that are guessed first. Choose another under My log-in, now."
)
NOT_YET = N_(
    "Nothing was saved, as you had been away. Here is what you typed: look it through and save."
)

DONE: dict[str, str] = {
    "saved": N_("Saved."),
    "added": N_("Added."),
    "ended": N_("Ended. What was before stays in the record."),
    "disputed": N_("The correction is open. The score changes when the record is corrected."),
    "withdrawn": N_("Withdrawn. Earlier days still show it as it was known then."),
    "taken_back": N_("Withdrawn. It counts for nothing now; what it said stays in the record."),
    "decided": N_("The decision is recorded."),
    "moved": N_("Moved, with the reason."),
    "undone": N_("Undone."),
    "revoked": N_("Revoked. It opens nothing from now on."),
    "logged": N_("Logged. It waits for the review."),
    "contact": N_("The contact is saved."),
    "discarded": N_("The draft is gone."),
    "returned": N_("The call is returned."),
    "done": N_("Done."),
    "glass_broken": N_("The glass is broken. Those who answer for the record have been told."),
    "passphrase": N_(
        "Your passphrase is changed. Your other log-ins have ended, and your tokens are revoked."
    ),
    "passkey_added": N_("Your passkey is added. Next time you can log in with it alone."),
    "passkey_removed": N_("It opens nothing here any more. Your other log-ins have ended."),
    "log_ins_ended": N_("Those log-ins have ended."),
    "removed": N_("Removed. It can be put back from this list."),
    "put_back": N_("It is back as it was."),
    "asked": N_("Asked. Somebody else with the right says yes or no."),
    "disclosed": N_("Disclosed. It can be read until its last day; every look is logged."),
    "for_decision": N_("Sent for decision. Nothing has left yet."),
    "declined": N_("Declined. Nothing has left."),
    "hidden": N_("Withdrawn. The recipient cannot read it any more."),
    "hidden_note": N_("Taken back. Nobody else is shown it; it is erased in a month."),
    "refused": N_("Refused, with the reason."),
    "attendance": N_("Saved. What follows stands in the list of everything due."),
    "attendance_lacking": N_(
        "Saved. Not everybody has an outcome yet: of who has none nothing follows until then."
    ),
    "policy_proposed": N_("Proposed. Somebody else approves it, or drops it."),
    "policy_approved": N_("Approved. Every list computed from now on follows it."),
    "linked": N_("Linked. From now on you can log in there."),
    "proposed": N_("Saved. They are proposed until somebody clears them."),
}
"""Sentences a page may open with after an act; the address only names one of them."""


def done(url: str, key: str = "saved") -> RedirectResponse:
    """Lead on to a page after an act, which says that it was done."""
    return RedirectResponse(f"{url}{'&' if '?' in url else '?'}done={key}", status_code=303)


def may(permission: str, *, fresh: bool | None = None) -> Any:
    """Make the dependency that lets a request in under a permission of the rights table.

    `fresh` asks who it is once more where that was proved longer ago than `FRESH_FOR`; unsaid,
    permissions named in `access.FRESH` do.
    """
    if permission not in POLICY:
        raise KeyError(permission)
    must_be_fresh = permission in FRESH if fresh is None else fresh

    # Not a plain function: it only waits for a thread where it writes to the log.
    async def enter(request: Request, at: Now, signed: Known) -> AsyncIterator[Visit]:
        if signed is None:
            raise NotSignedInError
        refused = _refusal(signed, permission)
        if refused is not None:
            await run_in_threadpool(note_refusal, request, signed.viewer, permission, at)
            raise refused
        if must_be_fresh and not signed.is_fresh(at):
            raise NotFreshError
        settings: Settings = request.app.state.settings
        visit = Visit(
            request=request,
            signed_in=signed,
            permission=permission,
            now=at,
            as_of=_as_of(request, settings.zone, at),
            settings=settings,
        )
        try:
            yield visit
        except BaseException as error:
            visit.failure = error
            raise
        finally:
            if _is_logged(visit):
                # Also when whoever asked has hung up: what was read is read.
                with anyio.CancelScope(shield=True):
                    await run_in_threadpool(_note_reading, visit)

    enter.permission = permission  # type: ignore[attr-defined]
    enter.is_fresh = must_be_fresh  # type: ignore[attr-defined]
    return Depends(enter, scope="function")


def _refusal(signed: SignedIn, permission: str) -> NotAllowedError | None:
    if not allows(signed.viewer, permission):
        return NotAllowedError(N_("Your role does not give access to this page."))
    if signed.scopes is not None and scope_for(permission) not in signed.scopes:
        return NotAllowedError(N_("This token does not cover that. Make one with that scope."))
    return None


def _is_logged(visit: Visit) -> bool:
    """Tell whether the visit itself is an entry; a change is logged by its use case."""
    reads = visit.request.method in SAFE_METHODS or visit.asks or visit.has_shown_page
    return reads or isinstance(visit.failure, DENIED)


def _as_of(request: Request, zone: ZoneInfo, at: datetime) -> datetime | None:
    given = request.query_params.get("as_of", "").strip()
    if not given:
        return None
    try:
        instant = as_of_moment(given, zone)
    except ValueError:
        raise RuleError(
            N_("Give the as-of day as year-month-day, for example 2026-03-02."), field="as_of"
        ) from None
    return None if instant >= at else instant


def as_of_moment(given: str, zone: ZoneInfo) -> datetime:
    """Read an as-of moment; raises ValueError for one at which nothing could be known yet."""
    instant = read_as_of(given, zone)
    if instant < ALWAYS:
        raise ValueError(given)
    return instant


async def submitted(request: Request) -> FormData:
    """Read the submitted form as it came."""
    return await request.form(**FORM_LIMITS)


def page_form(
    request: Request, data: Annotated[FormData, Depends(submitted)], found: Known
) -> Form:
    """Take the submitted form; refuses one that does not carry its session's token."""
    if found is None:
        raise NotSignedInError
    if not is_form_token(data.get("csrf_token"), found.csrf_token):
        raise NotAllowedError(
            N_("The form is too old or from elsewhere. Go back, reload the page and try again.")
        )
    zone = request.app.state.settings.zone
    form = Form(data.multi_items(), language=found.viewer.language, zone=zone)
    kept_id = str(data.get(LOOK, ""))
    if kept_id.isdecimal():
        request.state.only_looks = kept_id
        form.add_error("", NOT_YET)
    return form


def attempt(db: Session, form: Form, act: Callable[[], T]) -> T | None:
    """Run a use case for a form: a refusal undoes what it did and is said by its field.

    Gives None when it was refused; `form.errors` then says why. The savepoint keeps a half-done act
    from being committed with the page that shows the error.
    """
    try:
        with db.begin_nested():
            return act()
    except RuleError as error:
        db.expunge_all()
        form.add_refusal(error)
        return None


PageForm = Annotated[Form, Depends(page_form)]
