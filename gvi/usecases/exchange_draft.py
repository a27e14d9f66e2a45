"""Uploads on their way in: kept for an hour between the look and the deed, then thrown away."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.exchange.problem import FileCount, Problem
from gvi.exchange.reading import SourceFile, unpacked
from gvi.exchange.writing import packed
from gvi.store import audit
from gvi.store.models import ImportDraft
from gvi.store.queries.exchange import DraftRow, import_draft
from gvi.store.sealing import open_bytes, seal_bytes
from gvi.usecases.exchange import Import, import_files
from gvi.usecases.rights import require

KEPT_FOR = timedelta(hours=1)
MOST_BYTES = 200_000_000
"""All files of one upload together, unpacked; larger ones come in by the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One upload; once it is brought in, what became of it and the rows that were rejected."""

    id: int
    files: Sequence[SourceFile]
    done_at: datetime | None
    outcome: Sequence[FileCount]


def keep_upload(
    db: Session, viewer: Viewer, files: Sequence[SourceFile], *, at: datetime
) -> ImportDraft:
    """Keep uploaded files until they are brought in; an earlier upload of the same user goes.

    Raises RuleError for files that are too many or too large, or an archive that cannot be opened.
    """
    require(viewer, "import:run")
    whole = _unpacked(files)
    _throw_away_old(db, viewer, at=at)
    draft = ImportDraft(
        programme_id=viewer.programme_id,
        user_id=viewer.user_id,
        created_at=at,
        content=b"",
    )
    db.add(draft)
    db.flush()
    draft.content = _sealed(db, draft.id, whole)
    db.flush()
    detail = {"files": len(whole), "bytes": sum(len(file.content) for file in whole)}
    audit.append(db, viewer, AuditVerb.COLLECTED, "import:uploaded", at=at, detail=detail)
    return draft


def _unpacked(files: Sequence[SourceFile]) -> list[SourceFile]:
    whole: list[SourceFile] = []
    for file in files:
        left = MOST_BYTES - sum(len(each.content) for each in whole)
        inside, problems = _inside(file, most_bytes=left)
        if problems:
            raise RuleError(problems[0].reason, field="files")
        whole.extend(inside)
        if sum(len(each.content) for each in whole) > MOST_BYTES:
            raise RuleError(
                N_("Together the files are larger than %(most)s MB: bring them in by the command."),
                field="files",
                most=MOST_BYTES // 1_000_000,
            )
    if not whole:
        raise RuleError(N_("Choose the files to bring in."), field="files")
    if len({file.name for file in whole}) < len(whole):
        raise RuleError(N_("Two of the files have the same name: choose one."), field="files")
    return whole


def _inside(file: SourceFile, *, most_bytes: int) -> tuple[list[SourceFile], list[Problem]]:
    if file.name.lower().endswith(".zip"):
        return unpacked(file, most_bytes=most_bytes)
    return [file], []


def _throw_away_old(db: Session, viewer: Viewer, *, at: datetime) -> None:
    own = ImportDraft.user_id == viewer.user_id
    db.execute(delete(ImportDraft).where(or_(own, ImportDraft.created_at <= at - KEPT_FOR)))


def draft_of(db: Session, viewer: Viewer, draft_id: int, *, at: datetime) -> Draft:
    """Give one's own upload; raises NotFoundError once it was thrown away."""
    require(viewer, "import:run")
    row = import_draft(db, viewer, draft_id, since=at - KEPT_FOR)
    if row is None:
        raise NotFoundError(
            N_("This upload is gone: it is kept for an hour, or until the next. Upload it again.")
        )
    return _draft(db, row)


def _sealed(db: Session, draft_id: int, files: Sequence[SourceFile]) -> bytes:
    return seal_bytes(db, packed(files), table="import_drafts", column="content", record=draft_id)


def _draft(db: Session, row: DraftRow) -> Draft:
    whole = open_bytes(db, row.content, table="import_drafts", column="content", record=row.id)
    files, _ = unpacked(SourceFile(name="", content=whole), most_bytes=MOST_BYTES)
    counts: Sequence[Mapping[str, int | str]] = json.loads(row.outcome or "[]")
    return Draft(
        id=row.id,
        files=files,
        done_at=row.done_at,
        outcome=[_count(each) for each in counts],
    )


def _count(each: Mapping[str, int | str]) -> FileCount:
    return FileCount(
        name=str(each["name"]),
        rows=int(each["rows"]),
        created=int(each["created"]),
        updated=int(each["updated"]),
        unchanged=int(each["unchanged"]),
        rejected=int(each["rejected"]),
    )


def import_upload(
    db: Session,
    viewer: Viewer,
    draft_id: int,
    *,
    skip_rejected: bool,
    at: datetime,
    zone: ZoneInfo,
) -> Import:
    """Bring an upload in; refused where rows are rejected and are not to be left out.

    Raises RuleError for one that was brought in already.
    """
    draft = draft_of(db, viewer, draft_id, at=at)
    if draft.done_at is not None:
        raise RuleError(N_("These files were brought in already."))
    done = import_files(db, viewer, draft.files, at=at, zone=zone, skip_rejected=skip_rejected)
    if not done.report.is_refused:
        db.execute(
            update(ImportDraft)
            .where(ImportDraft.id == draft_id)
            .values(
                done_at=at,
                content=_sealed(db, draft_id, done.rejected),
                outcome=json.dumps(done.report.document()["files"]),
            )
        )
    return done


def throw_away(db: Session, viewer: Viewer, draft_id: int, *, at: datetime) -> None:
    """Throw an upload away."""
    draft = draft_of(db, viewer, draft_id, at=at)
    db.execute(delete(ImportDraft).where(ImportDraft.id == draft.id))
    audit.append(db, viewer, AuditVerb.ERASED, "import:thrown_away", at=at)
