"""What stands on a paper: the invitations' words, the lists' rows, the stamp; and the PDF of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import typst
from babel.dates import format_date, format_time

from gvi.domain.call_in import InviteeStatus
from gvi.domain.errors import RuleError
from gvi.domain.paper import LetterKind, LetterLanguage, PaperKind, filled
from gvi.domain.text import N_
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow
from gvi.store.queries.paper import Letter
from gvi.web.call_in_session import session_on_paper
from gvi.web.format import say_full
from gvi.web.labels import label
from gvi.web.templating import TEMPLATES
from gvi.web.visit import Visit

PAPERS: Mapping[PaperKind, str] = {
    PaperKind.LETTERS: N_("Invitation letters"),
    PaperKind.ROSTER: N_("Roster"),
    PaperKind.DOOR_LIST: N_("Door list"),
    PaperKind.RUN_SHEET: N_("Run sheet"),
    PaperKind.SEAT_PLAN: N_("Seat plan"),
    PaperKind.VISIT_LETTERS: N_("Letters of visits"),
}
LETTER_LANGUAGES: Mapping[LetterLanguage, str] = {
    LetterLanguage.SV: "Svenska",
    LetterLanguage.NB: "Norsk bokmål",
    LetterLanguage.EN: "English",
}
_ASKED = frozenset({InviteeStatus.CLEARED, InviteeStatus.INVITED, InviteeStatus.CONFIRMED})
"""Who may be written to and let in: cleared for secrecy and safety, and not gone since."""
_DAYS = {
    LetterLanguage.SV: ("sv", "EEEE d MMMM y"),
    LetterLanguage.NB: ("nb", "EEEE d. MMMM y"),
    LetterLanguage.EN: ("en_GB", "EEEE d MMMM y"),
}
"""How each language writes a day in full."""
_FOLDER = TEMPLATES / "paper"


@cache
def own_words(language: LetterLanguage, kind: LetterKind = LetterKind.INVITATION) -> Letter:
    """Give the letter of a kind that came with the program."""
    name = (
        f"{language.value}.txt" if kind is LetterKind.INVITATION else f"visit.{language.value}.txt"
    )
    heading, _, body = (_FOLDER / name).read_text("utf-8").partition("\n")
    return Letter(heading=heading.strip(), body=body.strip(), version=0)


def on_paper(kind: PaperKind, rows: Sequence[InviteeRow]) -> list[InviteeRow]:
    """Give who stands on a paper: letters and door list only bear who is cleared and may come."""
    if kind is PaperKind.ROSTER:
        return [row for row in rows if row.is_on_roster]
    asked = [row for row in rows if row.status in _ASKED and row.may_be_let_in]
    return sorted(asked, key=lambda row: row.name) if kind is PaperKind.DOOR_LIST else asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list on paper: its columns, how wide each is, and a row for each person."""

    columns: list[str]
    widths: list[int]
    rows: list[list[str]]


def listed(visit: Visit, kind: PaperKind, rows: Sequence[InviteeRow]) -> Listed:
    """Give a roster, or the list of the door: that one tells nobody's group or obligation."""
    if kind is PaperKind.DOOR_LIST:
        names = [N_("No."), N_("Name"), N_("Came"), N_("Left"), N_("Note")]
        return Listed(
            columns=[visit.say(name) for name in names],
            widths=[1, 6, 2, 2, 4],
            rows=[[str(n), row.name, "", "", ""] for n, row in enumerate(rows, 1)],
        )
    names = [N_("Name"), N_("Code name"), N_("Group"), N_("Status"), N_("Obligation")]
    return Listed(
        columns=[visit.say(name) for name in names],
        widths=[4, 3, 3, 2, 2],
        rows=[
            [
                row.name,
                row.code_name,
                row.group,
                label(row.status, visit.viewer.language),
                _obligation(visit, row),
            ]
            for row in rows
        ],
    )


def listed_by_session(
    visit: Visit, card: CallInCard, kind: PaperKind, rows: Sequence[InviteeRow]
) -> list[tuple[str, Listed]]:
    """Give the same for each session, with when and where it is; a single one needs no heading."""
    if len(card.sessions) == 1:
        return [("", listed(visit, kind, rows))]
    there = {
        each.number: [row for row in rows if row.session == each.number] for each in card.sessions
    }
    return [
        (session_on_paper(visit, each), listed(visit, kind, there[each.number]))
        for each in card.sessions
    ]


def _obligation(visit: Visit, row: InviteeRow) -> str:
    if row.is_obliged is None:
        return visit.say(N_("not shown"))
    return visit.say(N_("Must come") if row.is_obliged else N_("Voluntary"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every paper says about itself."""

    title: str
    text: str
    code: str


def stamp_of(visit: Visit, kind: PaperKind, *, version: int, code: str, purpose: str) -> Stamp:
    """Say which paper it is, who printed it when and what for, and where its code is asked."""
    title = visit.say(PAPERS[kind])
    printed = visit.say(
        N_("%(title)s, version %(version)s. Printed by %(who)s, %(when)s. Purpose: %(purpose)s."),
        title=title,
        version=version,
        who=visit.viewer.name,
        when=say_full(visit.now, visit.manner),
        purpose=purpose.rstrip("."),
    )
    invented = f" {visit.say(N_('Invented data'))}." if visit.signed_in.is_invented else ""
    return Stamp(title=title, text=printed + invented, code=code)


def letters_of(
    visit: Visit,
    card: CallInCard,
    words: Letter,
    language: LetterLanguage,
    *,
    rows: Sequence[InviteeRow],
) -> list[dict[str, Any]]:
    """Write an invitation to each, to the own session; the call-in has a day."""

    def to(row: InviteeRow) -> dict[str, Any]:
        session = card.session(row.session)
        values = _values(visit, session.starts_at or visit.now, session.venue, language)
        return letter(words, language, name=row.name, **values)

    return [to(row) for row in rows]


def letter(words: Letter, language: LetterLanguage, **values: str) -> dict[str, Any]:
    """Write one letter; a value of several lines stays so."""
    return {
        "language": language.value,
        "heading": filled(words.heading, **values),
        "paragraphs": [
            filled(paragraph, **values).splitlines()
            for paragraph in words.body.split("\n\n")
            if paragraph.strip()
        ],
    }


def _values(
    visit: Visit, starts_at: datetime, venue: str, language: LetterLanguage
) -> dict[str, str]:
    local, (locale, pattern) = starts_at.astimezone(visit.zone), _DAYS[language]
    return {
        "day": format_date(local, pattern, locale=locale),
        "time": format_time(local, "HH:mm", locale=locale),
        "venue": venue,
        "programme": visit.signed_in.programme,
    }


def pdf(template: str, at: datetime, **data: object) -> bytes:
    """Set a paper as tagged PDF (PDF/UA-1); data stays data, whatever signs are in it.

    Raises RuleError for a sign that no font of it has: an accessible PDF may not leave one out.
    """
    try:
        content: bytes = typst.compile(
            str(_FOLDER / f"{template}.typ"),
            root=str(_FOLDER),
            sys_inputs={"data": json.dumps(data)},
            format="pdf",
            pdf_standards=["ua-1"],
            ignore_system_fonts=True,
            font_paths=[],
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise RuleError(
            N_(
                "A name or word on it has a sign that PDFs from here cannot show. Write it in"
                " other letters; lists can be printed as a page."
            ),
            field="kind",
        ) from error
    return content
