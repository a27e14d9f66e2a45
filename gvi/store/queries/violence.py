"""Violence that became known: whose it is, a person's or their group's, and since when."""

from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.incident import DOING_ROLES, VICTIM_ROLES
from gvi.store.known import known, valid_at
from gvi.store.models import Incident, Involvement, Membership
from gvi.store.queries.policy import policy_in_force
from gvi.store.queries.rights import visible

Known = tuple[tuple[str, int | None], datetime, datetime]
"""Whose – ("person", id) or ("group", id) –, known since, done."""


def violence_known(db: Session, viewer: Viewer, since: datetime, at: datetime) -> list[Known]:
    """Give who did or suffered violence, with the groups they are in: known since, and done."""
    i, v, m = known(Incident, None), known(Involvement, None), known(Membership, None)
    harm = policy_in_force(db, viewer).harm
    seen = visible(m.c, viewer, "membership:read", person=m.c.person_id)
    rows = db.execute(
        select(v.c.person_id, i.c.kind, i.c.occurred_at, v.c.recorded_at, m.c.group_id)
        .join(i, i.c.id == v.c.incident_id)
        .outerjoin(m, and_(m.c.person_id == v.c.person_id, seen, *valid_at(m, at)))
        .where(
            visible(v.c, viewer, "involvement:read", person=v.c.person_id),
            visible(i.c, viewer, "incident:read"),
            i.c.occurred_at >= since,
            i.c.occurred_at <= at,
            v.c.role.in_(sorted(DOING_ROLES | VICTIM_ROLES)),
        )
    ).all()
    events = []
    for row in rows:
        if harm.get(row.kind, 0.0) > 0.0:
            known_since = max(row.occurred_at, row.recorded_at)
            events.append((("person", row.person_id), known_since, row.occurred_at))
            if row.group_id is not None:
                events.append((("group", row.group_id), known_since, row.occurred_at))
    return events
