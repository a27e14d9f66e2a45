"""Bringing files in and taking them out: what a coordinator, an analyst or the operator does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows, grant
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.exchange import (
    FILES,
    LATER,
    LAYOUTS,
    PERSONS,
    FileLayout,
)
from gvi.domain.person import adult_born_by
from gvi.domain.removal import Removable
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.exchange.cells import DID_YOU_MEAN, nearest_word
from gvi.exchange.decide import plan_import
from gvi.exchange.edge_list import looks_like_edges, read_edges
from gvi.exchange.plan import Plan, Rules, Stored
from gvi.exchange.problem import HEADER_ROW, Problem, Report
from gvi.exchange.reading import Sheet, SourceFile, read_sheet
from gvi.exchange.records import Records, read_records, unreadable
from gvi.exchange.writing import write_file, write_rejected
from gvi.store import audit
from gvi.store.fingerprint import fingerprints
from gvi.store.queries.exchange import (
    StoredFiles,
    files_to_compare,
    files_to_export,
    marked_people,
    write_permission,
)
from gvi.store.queries.removal import keeps_anything_out, kept_out, sides_held
from gvi.usecases.exchange_write import carry_out
from gvi.usecases.policy import in_force
from gvi.usecases.rights import require

MOST_LOOK_UPS = 300
"""Misspelt ids for which the nearest one is looked up; the rest is the same mistake again."""
ALIKE_PERCENT = 75

UNKNOWN_FILE = N_("This is not a file of the exchange format; it was not read.")
FILES_ARE = N_("The files are: %(files)s.")
NOT_YET = N_("This version cannot bring in attendances; the file was not read.")
RECORD_BY_HAND = N_("Record who came on the page of each call-in, or keep the file for later.")
TWICE = N_("There is another file of this name.")
ONE_ONLY = N_("Bring in one of them at a time.")
NOT_YOURS = N_("Your role does not give the right to bring in this file.")
ASK_OTHERS = N_("Leave it out; a police coordinator may bring it in.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What an import did, or would do."""

    report: Report
    rejected: Sequence[SourceFile]
    """The rejected rows, in the layout in which they came."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The files as they were read."""

    records: list[Records]
    notes: list[Problem]
    sheets: dict[str, tuple[Sheet, bool]]
    """File → its rows, and whether the first is a header."""
    unreadable: list[SourceFile]
    """Files of which no row could be read; they go back whole."""


def try_import(
    db: Session,
    viewer: Viewer,
    files: Sequence[SourceFile],
    *,
    at: datetime,
    zone: ZoneInfo,
    skip_rejected: bool = False,
) -> Import:
    """Say what an import would do, and change nothing."""
    read, plan, _ = _planned(db, viewer, files, at=at, zone=zone)
    report = plan.report(dry_run=True, skip_rejected=skip_rejected)
    return Import(report=report, rejected=_rejected(read))


def import_files(
    db: Session,
    viewer: Viewer,
    files: Sequence[SourceFile],
    *,
    at: datetime,
    zone: ZoneInfo,
    skip_rejected: bool = False,
) -> Import:
    """Bring files in: all rows, or none where one is rejected, or all but the rejected ones.

    A refusal is not an error: the report says why, and the caller commits its audit entry.
    """
    read, plan, stored = _planned(db, viewer, files, at=at, zone=zone)
    report = plan.report(dry_run=False, skip_rejected=skip_rejected)
    if report.is_refused:
        note_trial(db, viewer, report, at=at)
        return Import(report=report, rejected=_rejected(read))
    touched = carry_out(db, viewer, plan, stored, at=at)
    audit.append(
        db,
        viewer,
        AuditVerb.COLLECTED,
        "import:done",
        at=at,
        subjects=touched.ids,
        detail=_counts(report),
    )
    return Import(report=report, rejected=_rejected(read))


def note_trial(db: Session, viewer: Viewer, report: Report, *, at: datetime) -> None:
    """Log that files were compared with the database, whether or not that was the whole purpose."""
    kind = "import:tried" if report.dry_run else "import:refused"
    audit.append(db, viewer, AuditVerb.CONSULTED, kind, at=at, detail=_counts(report))


def _counts(report: Report) -> dict[str, object]:
    files = {
        count.name: {
            "rows": count.rows,
            "created": count.created,
            "updated": count.updated,
            "rejected": count.rejected,
        }
        for count in report.files
        # A name somebody chose may say more than a log should hold.
        if count.name in LAYOUTS
    }
    return {"files": files, "problems": len(report.problems)}


# Reading and planning


def _planned(
    db: Session,
    viewer: Viewer,
    files: Sequence[SourceFile],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[_Read, Plan, StoredFiles]:
    require(viewer, "import:run")
    day = local_day(at, zone)
    read = _read(viewer, files, zone)
    layouts = [
        each.layout for each in read.records if allows(viewer, write_permission(each.layout))
    ]
    stored = files_to_compare(db, viewer, layouts, on=day)
    kept, taken = _kept_out(db, viewer, read.records, stored.taken_ids, zone)
    rules = Rules(
        at=at,
        zone=zone,
        known_kinds=in_force(db, viewer).harm.keys(),
        adult_born_by=None if allows(viewer, "under_18:read") else adult_born_by(day),
        compartments=_compartments(viewer, layouts),
        nearest=_Nearest(),
        kept_out=kept,
    )
    plan = plan_import(read.records, Stored(stored.rows, taken), rules, read.notes)
    return read, plan, stored


def _kept_out(
    db: Session,
    viewer: Viewer,
    found: Sequence[Records],
    taken: Mapping[str, Collection[str]],
    zone: ZoneInfo,
) -> tuple[dict[str, dict[str, date]], Mapping[str, Collection[str]]]:
    """Find the ids in the files of what was removed here; nobody brings them back unawares.

    Gives those of the viewer's own side with their days, and the taken ids with those of the other
    side among them: whether it removed somebody or has somebody is told alike.
    """
    if not keeps_anything_out(db, viewer):
        return {}, taken
    own, kept, others = sides_held(viewer, "import:run"), {}, dict(taken)
    for records in found:
        if not records.layout.has_ids:
            continue
        named = {str(each.key[0]) for each in records.records}
        prints = {each: name for name in named for each in fingerprints(db, name)}
        days = kept_out(db, viewer, Removable(records.layout.noun), prints)
        name = records.layout.name
        kept[name] = {
            prints[each]: local_day(at, zone) for each, (side, at) in days.items() if side in own
        }
        not_told = {prints[each] for each, (side, _) in days.items() if side not in own}
        others[name] = {*taken.get(name, ()), *not_told}
    return kept, others


def _compartments(viewer: Viewer, layouts: Sequence[FileLayout]) -> dict[str, Collection[str]]:
    held = {layout.name: grant(viewer, write_permission(layout)) for layout in layouts}
    return {name: right.compartments for name, right in held.items() if right is not None}


def _read(viewer: Viewer, files: Sequence[SourceFile], zone: ZoneInfo) -> _Read:
    read = _Read([], [], {}, [])
    seen: set[str] = set()
    for file in files:
        layout = LAYOUTS.get(file.name)
        if file.name in seen:
            read.notes.append(_about(file, TWICE, ONE_ONLY, rejects=True))
        elif layout is not None:
            read.records.append(_exchange_file(viewer, read, file, layout, zone))
        elif len(files) == 1:
            _edge_list(read, file)
        else:
            read.notes.append(_left_alone(file))
        seen.add(file.name)
    order = {layout.name: number for number, layout in enumerate(FILES)}
    read.records.sort(key=lambda records: order[records.layout.name])
    return read


def _exchange_file(
    viewer: Viewer, read: _Read, file: SourceFile, layout: FileLayout, zone: ZoneInfo
) -> Records:
    sheet, problems = read_sheet(file)
    if sheet is None:
        read.unreadable.append(file)
        return unreadable(layout, file.name, problems)
    read.sheets[file.name] = sheet, True
    if not allows(viewer, write_permission(layout)):
        return _not_theirs(sheet, layout)
    return read_records(sheet, layout, zone)


def _not_theirs(sheet: Sheet, layout: FileLayout) -> Records:
    refusal = Problem(file=sheet.name, row=HEADER_ROW, reason=NOT_YOURS, suggestion=ASK_OTHERS)
    rows = [row for row, _ in sheet.rows[1:]]
    return Records(
        layout=layout, file=sheet.name, rows=len(rows), problems=[refusal], rejected=set(rows)
    )


def _edge_list(read: _Read, file: SourceFile) -> None:
    """Read a file of an unknown name that came alone: it may be a plain edge list."""
    if file.name in LATER:
        read.notes.append(_left_alone(file))
        return
    sheet, problems = read_sheet(file)
    if sheet is None:
        read.notes.extend(problems)
        return
    if not looks_like_edges(sheet):
        read.notes.append(_left_alone(file))
        return
    edges = read_edges(sheet)
    read.sheets[file.name] = sheet, edges.has_header
    read.records.extend([edges.people, edges.ties])


def _left_alone(file: SourceFile) -> Problem:
    if file.name in LATER:
        return _about(file, NOT_YET, RECORD_BY_HAND)
    near = nearest_word(file.name, LAYOUTS)
    return _about(file, UNKNOWN_FILE, DID_YOU_MEAN if near else FILES_ARE, nearest=near)


def _about(
    file: SourceFile, reason: str, suggestion: str = "", *, rejects: bool = False, nearest: str = ""
) -> Problem:
    return Problem(
        file=file.name,
        row=HEADER_ROW,
        reason=reason,
        suggestion=suggestion,
        params={"nearest": nearest, "files": ", ".join(LAYOUTS)},
        rejects=rejects,
    )


def _rejected(read: _Read) -> list[SourceFile]:
    """Write the rejected rows back, file by file."""
    written = [file for file in read.unreadable if file.content.strip()]
    for records in read.records:
        if records.rejected and records.file in read.sheets:
            sheet, has_header = read.sheets[records.file]
            written.append(write_rejected(sheet, records.rejected, has_header=has_header))
    return written


class _Nearest:
    """Finds the id that a misspelt one most resembles, for the first few hundred of them."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def __call__(self, wanted: str, ids: Collection[str]) -> str:
        if wanted not in self._found:
            if len(self._found) >= MOST_LOOK_UPS:
                return ""
            match = process.extractOne(
                wanted,
                list(ids),
                scorer=fuzz.ratio,
                processor=str.casefold,
                score_cutoff=ALIKE_PERCENT,
            )
            self._found[wanted] = match[0] if match else ""
        return self._found[wanted]


# Taking files out


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The files of an export, and what they do not say."""

    files: Sequence[SourceFile]
    rows: Mapping[str, int]
    collapsed: int
    """Facts left out because another one says the same of the same thing, at least as surely."""
    hidden: int
    """People under 18 left out, for viewers who may know only their involvements."""
    marked: int
    """People marked as protected or in the exit programme: the files carry no such mark."""


def export_files(
    db: Session, viewer: Viewer, *, purpose: str, at: datetime, zone: ZoneInfo
) -> Export:
    """Write all that holds now as files of the exchange format, and log what for.

    Files the viewer has no right to read are left out. Raises RuleError without a purpose.
    """
    require(viewer, "export:run")
    if not purpose.strip():
        raise RuleError(N_("Say what the export is for."), field="purpose")
    layouts = [layout for layout in FILES if allows(viewer, f"{layout.noun}:read")]
    stored = files_to_export(db, viewer, layouts, on=local_day(at, zone))
    files = [
        write_file(layout, [row.values for row in stored.rows[layout.name].values()], zone)
        for layout in layouts
    ]
    rows = {name: len(found) for name, found in stored.rows.items()}
    audit.append(
        db,
        viewer,
        AuditVerb.DISCLOSED,
        "export:done",
        at=at,
        subjects={"person": [row.id for row in stored.rows[PERSONS.name].values()]},
        detail={"rows": rows},
        purpose=" ".join(purpose.split()),
    )
    return Export(
        files=files,
        rows=rows,
        collapsed=stored.collapsed,
        hidden=stored.hidden,
        marked=marked_people(db, viewer),
    )
