"""What a step in a call-in's life is about, as the page of the step holds it to its reader."""

from gvi.domain.call_in_session import SessionTime
from gvi.store.queries.call_in import CallInCard
from gvi.web.forms import Form
from gvi.web.visit import Visit


def stands(visit: Visit, card: CallInCard) -> Form:
    """Give what a step in a call-in's life is about: what, when, where, how far it has come."""
    values = {
        "name": card.name,
        "status": card.status,
        "starts_at": card.starts_at,
        "venue": card.venue,
        "session": "; ".join(_later(visit, each) for each in card.sessions[1:]),
        "seats": card.seats,
        "groups": [group_id for group_id, _ in card.groups],
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _later(visit: Visit, each: SessionTime) -> str:
    when = f"{each.starts_at.astimezone(visit.zone):%Y-%m-%d %H:%M}" if each.starts_at else ""
    return f"{each.number}: {when} {each.venue}".strip()
