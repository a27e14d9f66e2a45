"""Call-ins as calendars read them: the words of an entry, the file, and who reads a feed."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fastapi import Request
from fastapi.responses import Response

from gvi.domain.calendar import event_status
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.exchange.calendar import MEDIA_TYPE, CalendarEntry, calendar_file
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.queries.calendar import CalendarRow, calendar_rows
from gvi.store.wall import wall_of
from gvi.usecases.calendar import note_reading, open_feed
from gvi.web.session import source_of
from gvi.web.text import translate

NOTE_READING_EVERY = timedelta(hours=1)


def file_of(
    rows: Iterable[CalendarRow], *, programme: str, language: str, settings: Settings
) -> bytes:
    """Write the sessions of call-ins as a calendar file in a user's language."""
    summary = translate(N_("Call-in, %(programme)s"), language, programme=programme)
    entries = [
        CalendarEntry(
            uid=_uid(row),
            sequence=row.sequence,
            changed_at=row.changed_at,
            starts_at=row.starts_at,
            ends_at=row.starts_at + timedelta(minutes=row.minutes),
            summary=summary,
            location=row.venue,
            status=event_status(row.status),
            url=f"{settings.public_url}/call-ins/{row.id}" if settings.public_url else "",
        )
        for row in rows
    ]
    return calendar_file(entries, name=summary, zone=settings.zone)


def _uid(row: CalendarRow) -> str:
    """Name a session for good, and unlike any of another installation; the first as the call-in."""
    made, later = row.created_at.astimezone(UTC), f"-{row.session}" if row.session > 1 else ""
    return f"call-in-{row.id}{later}-{made:%Y%m%dT%H%M%S%f}Z@gvi-tracker"


def file_answer(content: bytes, *, name: str) -> Response:
    """Answer with a calendar file to open."""
    return Response(
        content,
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.ics"'},
    )


def feed_answer(request: Request, secret: str, at: datetime) -> Response:
    """Answer a calendar program that asks a feed, or say that nothing changed since it asked.

    A reading stands in the log once an hour at most, as programs ask all day. Raises NotFoundError
    for a feed that is not in force.
    """
    engine, settings = request.app.state.engine, request.app.state.settings
    with reading(engine) as db:
        feed = open_feed(db, secret, source=source_of(request))
    if feed is None:
        raise NotFoundError(N_("There is no such calendar, or it was revoked."))
    viewer = feed.viewer
    with reading(engine, wall=wall_of(viewer)) as db:
        rows = calendar_rows(db, viewer, "call_in:list")
    if feed.last_read_at is None or at - feed.last_read_at >= NOTE_READING_EVERY:
        with transaction(engine, wall=wall_of(viewer)) as db:
            note_reading(db, feed, tuple(dict.fromkeys(row.id for row in rows)), at=at)
    content = file_of(rows, programme=feed.programme, language=viewer.language, settings=settings)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(content, media_type=MEDIA_TYPE, headers={"ETag": tag})


def _has(asked: str, tag: str) -> bool:
    """Tell whether a program says it holds what it would get (RFC 9110, 13.1.2)."""
    tags = {each.strip().removeprefix("W/") for each in asked.split(",")}
    return tag in tags or "*" in tags
