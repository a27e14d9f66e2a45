"""The network taken out as a file, for analysis elsewhere: a disclosure, with its purpose."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.exchange.network_file import written
from gvi.network.graph import build
from gvi.store import audit
from gvi.store.facts import shown_facts


def export_network(
    db: Session,
    viewer: Viewer,
    form: str,
    *,
    purpose: str,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> bytes:
    """Write people, groups and incidents as known at `as_of`, by external id and code name.

    Names are not in it, nor birth dates: whether somebody is an adult is. Raises NotAllowedError
    for a role that may not receive scores.
    """
    known = shown_facts(db, viewer, as_of, zone)
    content = written(build(known), form)
    audit.append(
        db,
        viewer,
        AuditVerb.DISCLOSED,
        "network:exported",
        at=at,
        subjects={"person": list(known.persons.id)},
        detail={"form": form, "ties": len(known.ties.id)},
        purpose=" ".join(purpose.split()),
    )
    return content
