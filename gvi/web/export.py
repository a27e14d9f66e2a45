"""Taking a list out of the house: stamped with who, when and why, and in the audit log."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import Response
from sqlalchemy.orm import Session

from gvi.domain.audit import AuditVerb
from gvi.store import audit
from gvi.web.forms import Form
from gvi.web.listing import ExportStamp, Listing, csv_response, export_purpose, to_csv
from gvi.web.visit import Visit


def export_list(
    db: Session,
    visit: Visit,
    form: Form,
    listing: Listing[Any],
    *,
    noun: str,
    title: str,
    subjects: Mapping[str, Iterable[int]],
) -> Response:
    """Answer with a list as CSV and log the export with its purpose.

    `title` is already in the visitor's words; `subjects` names every person in the file. Raises
    RuleError when no purpose is given.
    """
    purpose = export_purpose(form.value("purpose"))
    audit.append(
        db,
        visit.viewer,
        AuditVerb.DISCLOSED,
        f"{noun}:exported",
        at=visit.now,
        subjects=subjects,
        purpose=purpose,
        detail={"rows": len(listing.rows)},
    )
    stamp = ExportStamp(
        title=title,
        programme=visit.signed_in.programme,
        viewer=visit.viewer.name,
        at=visit.now,
        zone=visit.zone,
        purpose=purpose,
        as_of=visit.as_of,
        is_invented=visit.signed_in.is_invented,
        head=audit.head(db),
    )
    content = to_csv(listing.rows, listing.columns, stamp, language=visit.viewer.language)
    return csv_response(content, noun.replace("_", "-"), visit.now)
