"""`gvi rank --keep`, `--snapshot` and `--compare`: lists that somebody acted on."""

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.cli.command import DONE, REFUSED
from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.list_snapshot import ListAct, Verdict
from gvi.domain.policy import UNITS
from gvi.store import audit
from gvi.store.queries.list_snapshot import SnapshotEntry, SnapshotRow, snapshot, snapshot_entries
from gvi.usecases.list_comparison import Changed, Changes, compare
from gvi.usecases.list_snapshot import keep_list, verify

Printed = Callable[[list[str], list[list[str]], str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options about kept lists."""
    parser.add_argument("--keep", metavar="REASON", help="keep the list as it is now, and say why")
    parser.add_argument("--snapshot", type=int, metavar="ID", help="show a list that was kept")
    parser.add_argument("--verify", action="store_true", help="with --snapshot: make it again")
    parser.add_argument(
        "--compare", type=int, nargs=2, metavar=("A", "B"), help="what changed between two"
    )


def keep(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    as_of: datetime,
    at: datetime,
    zone: ZoneInfo,
) -> int:
    """Keep the list asked for; gives its number."""
    return keep_list(
        db,
        viewer,
        arguments.score,
        act=ListAct.KEPT,
        reason=arguments.keep,
        as_of=as_of,
        at=at,
        zone=zone,
    ).id


def shown(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    at: datetime,
    zone: ZoneInfo,
    printed: Printed,
) -> tuple[str, int]:
    """Give what is printed of a kept list, and the exit status: 3 where it differs made again."""
    kept = snapshot(db, viewer, arguments.snapshot)
    entries = snapshot_entries(db, viewer, kept.id)
    _log(db, viewer, [kept], [entry.person_id for entry in entries], at=at)
    if arguments.verify:
        found = verify(db, viewer, kept.id, zone=zone)
        if found.verdict is Verdict.SAME:
            return "recomputed, the same", DONE
        if found.verdict is Verdict.ERASED:
            return f"cannot be recomputed: {found.erased} facts erased since", DONE
        return f"differs: {found.difference % dict(found.params or {})}", REFUSED
    if arguments.format == "json":
        document = _document(kept, entries, zone)
        return json.dumps(document, ensure_ascii=False, indent=2), DONE
    parts = list(entries[0].parts) if entries else []
    rows = [_row(entry, arguments.format) for entry in entries[: arguments.top]]
    header = ["rank", "low", "high", "person", "score", *parts]
    return printed(header, rows, arguments.format), DONE


def compared(
    db: Session,
    viewer: Viewer,
    arguments: argparse.Namespace,
    *,
    at: datetime,
    zone: ZoneInfo,
    printed: Printed,
) -> tuple[str, int]:
    """Give what changed between two kept lists: everybody who came, went, moved or changed."""
    found = compare(db, viewer, *arguments.compare, zone=zone)
    changed = [each for each in found.people if each.move.is_moved or each.causes]
    people = [each.move.person_id for each in changed]
    _log(db, viewer, [found.before, found.after], people, at=at)
    if arguments.format == "json":
        documents = [_change(found, each, zone) for each in changed]
        return json.dumps(documents, ensure_ascii=False, indent=2), DONE
    rows = [
        [
            found.entries[each.move.person_id].key,
            str(each.move.before.rank) if each.move.before else "",
            str(each.move.after.rank) if each.move.after else "",
            _number(each.move.change, arguments.format),
            ", ".join(f"{c.value} {_number(a, arguments.format)}" for c, a in each.causes.items()),
        ]
        for each in changed
    ]
    return printed(["person", "before", "after", "change", "causes"], rows, arguments.format), DONE


def _log(
    db: Session,
    viewer: Viewer,
    kept: Sequence[SnapshotRow],
    people: Sequence[int],
    *,
    at: datetime,
) -> None:
    subjects = {"list_snapshot": [each.id for each in kept], "person": people}
    kind = "list_snapshot:shown"
    audit.append(db, viewer, AuditVerb.COMBINED, kind, at=at, subjects=subjects)


def _document(
    kept: SnapshotRow, entries: Sequence[SnapshotEntry], zone: ZoneInfo
) -> dict[str, object]:
    """Give a kept list in the machine format of design §9."""
    return {
        "snapshot": kept.id,
        "made_at": kept.made_at.astimezone(zone).isoformat(),
        "as_of": kept.as_of.astimezone(zone).isoformat(),
        "policy": kept.policy_version,
        "score": kept.score,
        "digest": kept.digest,
        "seed": kept.seed,
        "gone": kept.gone,
        "entries": [
            {
                "rank": entry.rank,
                "person": entry.key,
                "score": entry.score,
                "parts": {name: units / UNITS for name, units in entry.parts.items()},
                "interval": None if entry.low is None else [entry.low, entry.high],
            }
            for entry in entries
        ],
    }


def _change(found: Changes, changed: Changed, zone: ZoneInfo) -> dict[str, object]:
    incidents = found.facts.incidents
    keys = dict(zip(incidents.id, incidents.key, strict=True))
    times = dict(zip(incidents.id, incidents.occurred_at, strict=True))
    move = changed.move
    return {
        "person": found.entries[move.person_id].key,
        "before": move.before.rank if move.before else None,
        "after": move.after.rank if move.after else None,
        "change": move.change,
        "causes": {cause.value: amount for cause, amount in changed.causes.items()},
        "incidents": [
            {"incident": keys[each], "occurred_at": times[each].astimezone(zone).isoformat()}
            for each in changed.incidents
        ],
    }


def _row(entry: SnapshotEntry, form: str) -> list[str]:
    amounts = (entry.score, *(units / UNITS for units in entry.parts.values()))
    interval = ["", ""] if entry.low is None else [str(entry.low), str(entry.high)]
    return [str(entry.rank), *interval, entry.key, *(_number(each, form) for each in amounts)]


def _number(value: float, form: str) -> str:
    return f"{value:.1f}" if form == "table" else repr(value)
