"""What was taken out before a change of its table, as it comes back after it."""

from typing import Any

Plain = dict[str, Any]


def renewed(table: str, plain: Plain) -> tuple[Plain, Plain | None]:
    """Give a row as its table is now, and the risk check that stood in a visit as a text.

    Before migration 0030 what was checked first was a text of the visit. It comes back as noted:
    nobody said go since, and that is asked for before anybody goes again.
    """
    if table != "custom_notifications" or "risk_check" not in plain:
        return plain, None
    row = {name: value for name, value in plain.items() if name != "risk_check"}
    said = plain["risk_check"]
    if not said:
        return row, None
    return row, {
        "programme_id": row["programme_id"],
        "custom_notification_id": row["id"],
        "home_conflict": "unknown",
        "children_present": "unknown",
        "victim_of_own_group": "unknown",
        "outcome": "noted",
        "reason": said,
        "checked_at": row["created_at"],
        "checked_by_id": row.get("created_by_id"),
    }
