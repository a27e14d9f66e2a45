"""The key ring: random keys in the database, each wrapped by the site's secret key.

Whoever takes the database alone has ciphertext; whoever has the secret key alone has nothing. The
ring belongs to an engine and is kept in memory only. Every transaction looks whether there is a
newer key, so that a server goes on writing with the newest while `gvi keys rotate` runs beside it.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    column,
    delete,
    event,
    func,
    insert,
    select,
    table,
)
from sqlalchemy import update as change
from sqlalchemy.orm import Session

from gvi.domain.errors import GviError
from gvi.domain.text import N_
from gvi.store.types import Instant
from gvi.store.wall import SETTING, stand_of

KEY_BYTES = 32
NONCE_BYTES = 12
TOKEN_BYTES = 12
"""A blind index keeps this much of its HMAC: enough that two words never meet by chance."""

SEAL_KEYS = table("seal_keys", column("number"), column("wrapped"), column("made_at", Instant()))
_INDEX_ONLY = b"index "
"""Before what is kept of a key that opens nothing any more: its index part alone."""
WHOLE = func.length(SEAL_KEYS.c.wrapped) == NONCE_BYTES + KEY_BYTES + 16
"""Of a key that still seals: random bytes, with nonce and tag."""
SHORTEST_SECRET = 32
"""A secret key shorter than this could be guessed from a stolen database."""

_NEWEST = "SELECT max(number) FROM seal_keys"
# Whoever may seal is waited for before a key is taken out (`resealing.wait_for_writers`).
_NEWEST_BEHIND_WALL = (
    "SELECT max(number), pg_advisory_xact_lock_shared(7317002), set_config(%s, %s, true)"
    " FROM seal_keys"
)
_WALL = "SELECT set_config(%s, %s, true)"


class SealError(GviError):
    """Something sealed cannot be opened, or nothing can be sealed; says what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring: one part seals, another makes the blind index."""

    number: int
    sealing: AESGCM
    index: bytes

    @classmethod
    def of(cls, number: int, raw: bytes) -> "Key":
        """Derive both parts from a key's random bytes."""
        return cls(number, AESGCM(_derived(raw, b"gvi sealing 1")), _derived(raw, b"gvi index 1"))


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys in use; new text is sealed with the newest."""

    keys: Mapping[int, Key]
    past: tuple[bytes, ...] = ()
    """Index parts of keys that were taken out: they know tombstones again, and open nothing."""

    @property
    def newest(self) -> Key:
        """The key to seal with."""
        return self.keys[max(self.keys)]

    def seal(self, content: bytes, bound_to: str) -> tuple[int, bytes]:
        """Seal bytes, bound to their place; gives the key's number, and nonce with ciphertext."""
        key, nonce = self.newest, secrets.token_bytes(NONCE_BYTES)
        return key.number, nonce + key.sealing.encrypt(nonce, content, _data(key.number, bound_to))

    def open(self, number: int, sealed: bytes, bound_to: str) -> bytes:
        """Open what was sealed; raises SealError for a wrong key, place or content."""
        key = self.keys.get(number)
        if key is None:
            raise SealError(
                N_("Sealed text needs key %(number)s, which this database no longer has."),
                number=number,
            )
        try:
            return key.sealing.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _data(number, bound_to)
            )
        except (InvalidTag, ValueError):
            raise SealError(
                N_("The sealed text at %(place)s was changed, or belongs elsewhere."),
                place=bound_to,
            ) from None

    def tokens(self, text: str) -> list[bytes]:
        """Give the blind index of a text under every key: what to look for."""
        return [token(key, text) for key in self.keys.values()]

    def every_token(self, text: str) -> list[bytes]:
        """Give the blind index of a text under every key there ever was: for tombstones."""
        return self.tokens(text) + [_token(index, text) for index in self.past]


def token(key: Key, text: str) -> bytes:
    """Give the blind index of a text under one key."""
    return _token(key.index, text)


def _token(index: bytes, text: str) -> bytes:
    return hmac.digest(index, text.encode(), "sha256")[:TOKEN_BYTES]


def _derived(raw: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(raw)


def _data(number: int, bound_to: str) -> bytes:
    return f"gvi 1 {number} {bound_to}".encode()


# Wrapped by the secret key


def _wrapper(secret: str) -> AESGCM:
    return AESGCM(_derived(secret.encode(), b"gvi key ring 1"))


def _wrap(wrapper: AESGCM, number: int, raw: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + wrapper.encrypt(nonce, raw, b"gvi key %d" % number)


def _unwrap(wrapper: AESGCM, number: int, wrapped: bytes) -> bytes:
    try:
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        return wrapper.decrypt(nonce, sealed, b"gvi key %d" % number)
    except InvalidTag:
        raise SealError(
            N_(
                "GVI_SECRET_KEY is not the one this database was sealed with. Set it to the one it"
                " was made with: without it names and notes cannot be read by anybody."
            )
        ) from None


def _raw_keys(connection: Connection, wrapper: AESGCM) -> dict[int, bytes]:
    rows = connection.execute(select(SEAL_KEYS.c.number, SEAL_KEYS.c.wrapped))
    return {row.number: _unwrap(wrapper, row.number, bytes(row.wrapped)) for row in rows}


def read_ring(connection: Connection, secret: str) -> Ring:
    """Unwrap the ring; raises SealError for the wrong secret key, or where there is no key."""
    return _ring(connection, _wrapper(secret))


def _ring(connection: Connection, wrapper: AESGCM) -> Ring:
    held = _raw_keys(connection, wrapper)
    keys = {number: Key.of(number, raw) for number, raw in held.items() if len(raw) == KEY_BYTES}
    if not keys:
        raise SealError(N_("The database has no key to seal with yet. Run: gvi migrate"))
    past = [raw.removeprefix(_INDEX_ONLY) for raw in held.values() if len(raw) != KEY_BYTES]
    return Ring(MappingProxyType(keys), tuple(past))


def add_key(connection: Connection, secret: str, *, at: datetime) -> int:
    """Put a new random key into the ring and give its number; later writes use it."""
    wrapper = _wrapper(secret)
    number = max(_raw_keys(connection, wrapper), default=0) + 1
    wrapped = _wrap(wrapper, number, secrets.token_bytes(KEY_BYTES))
    connection.execute(insert(SEAL_KEYS).values(number=number, wrapped=wrapped, made_at=at))
    return number


def ensure_key(connection: Connection, secret: str, *, at: datetime) -> None:
    """Make the first key of a database that has none; raises SealError for a wrong secret key."""
    if not _raw_keys(connection, _wrapper(secret)):
        add_key(connection, secret, at=at)


def drop_key(connection: Connection, number: int) -> None:
    """Take a key out of the ring for ever."""
    connection.execute(delete(SEAL_KEYS).where(SEAL_KEYS.c.number == number))


def keep_index(connection: Connection, number: int) -> None:
    """Keep of a key only what its index was made with; what it sealed cannot be opened by that."""
    wrapper = _UNLOCKED[connection.dialect].wrapper
    raw = _raw_keys(connection, wrapper)[number]
    rest = _wrap(wrapper, number, _INDEX_ONLY + Key.of(number, raw).index)
    connection.execute(change(SEAL_KEYS).where(SEAL_KEYS.c.number == number).values(wrapped=rest))


def rewrap(connection: Connection, secret: str, new_secret: str) -> int:
    """Wrap every key by a new secret key, and give how many there are; nothing is sealed anew."""
    old, new = _wrapper(secret), _wrapper(new_secret)
    raw = _raw_keys(connection, old)
    for number, each in raw.items():
        connection.execute(
            change(SEAL_KEYS)
            .where(SEAL_KEYS.c.number == number)
            .values(wrapped=_wrap(new, number, each))
        )
    return len(raw)


# The ring of an engine


@dataclass(slots=True)
class _Unlocked:
    wrapper: AESGCM
    ring: Ring


_UNLOCKED: "WeakKeyDictionary[Dialect, _Unlocked]" = WeakKeyDictionary()


def hold(secret: str, engine: Engine, *kin: Engine) -> None:
    """Keep the ring for an engine and its kin, which know the same database.

    Raises SealError for the wrong secret key, or where there is no key at all.
    """
    wrapper = _wrapper(secret)
    with engine.connect() as connection:
        state = _Unlocked(wrapper, _ring(connection, wrapper))
    for each in (engine, *kin):
        if each.dialect not in _UNLOCKED and each.dialect.name == "sqlite":
            event.listen(each, "begin", begin)
        _UNLOCKED[each.dialect] = state


def begin(connection: Connection) -> None:
    """Begin a transaction: look for a newer key, and on PostgreSQL raise the wall (`wall`).

    Both are one question, put to the driver itself: it stands before every page.
    """
    state = _UNLOCKED.get(connection.dialect)
    bare: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        found = bare.execute(_NEWEST)
    else:
        wall = SETTING, stand_of(connection)
        found = bare.execute(_NEWEST_BEHIND_WALL if state else _WALL, wall)
    newest = found.fetchone()[0]
    if state and newest != state.ring.newest.number:
        state.ring = _ring(connection, state.wrapper)


def ring_of(bind: Session | Connection | Engine | Dialect) -> Ring:
    """Give the ring; raises SealError where the engine was not unlocked."""
    dialect: Any = bind
    if isinstance(bind, Session):
        dialect = bind.get_bind().dialect
    elif not isinstance(bind, Dialect):
        dialect = bind.dialect
    state = _UNLOCKED.get(dialect)
    if state is None:
        raise SealError(N_("Sealed text needs GVI_SECRET_KEY. Set it to the site's secret key."))
    return state.ring
