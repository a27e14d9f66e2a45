"""What log-in seals goes under the key ring, so that `gvi keys` covers it.

A second step whose secret does not open under GVI_SECRET_KEY stays demanded and gets a secret that
no app has: a recovery code or an administrator lets its user set it up anew. Kept forms, which last
a day, are thrown away.
"""

import logging
import secrets
from base64 import b32encode, b64decode, b64encode
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gvi.store.keys import SealError, ensure_key, read_ring
from gvi.store.sealing import opened_with, sealed_with

revision = "0010_log_in_under_the_ring"
down_revision = "0009_disclosures"
branch_labels = None
depends_on = None

_USERS = sa.table("users", sa.column("id"), sa.column("username"), sa.column("totp_secret"))
_NONCE = 12


def upgrade() -> None:
    _keep_forms_as(sa.String())
    held = _held()
    if not held:
        return
    key = _secret_key()
    ring = read_ring(op.get_bind(), key)
    for user in held:
        plain = _opened(user, key)
        if plain is None:
            plain = b32encode(secrets.token_bytes(20)).decode()
            logging.getLogger("gvi").warning(
                "The second step of %s cannot be read with this GVI_SECRET_KEY. Turn it off under"
                " Users, so that it can be set up anew.",
                user.username,
            )
        _write(user.id, sealed_with(ring, plain, f"users.totp_secret {user.id}"))


def downgrade() -> None:
    _keep_forms_as(sa.LargeBinary())
    held = _held()
    if not held:
        return
    key = _secret_key()
    ring = read_ring(op.get_bind(), key)
    for user in held:
        plain = opened_with(ring, user.totp_secret, f"users.totp_secret {user.id}").encode()
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + _cipher(key).encrypt(nonce, plain, f"totp:{user.id}".encode())
        _write(user.id, b64encode(sealed).decode())


def _keep_forms_as(kind: sa.types.TypeEngine[object]) -> None:
    op.execute("DELETE FROM kept_forms")
    with op.batch_alter_table("kept_forms", schema=None) as batch_op:
        batch_op.drop_column("sealed")
        batch_op.add_column(sa.Column("sealed", kind, nullable=False))


def _held() -> list[sa.Row[tuple[int, str, str]]]:
    return list(op.get_bind().execute(sa.select(_USERS).where(_USERS.c.totp_secret.is_not(None))))


def _write(user_id: int, sealed: str) -> None:
    op.get_bind().execute(_USERS.update().where(_USERS.c.id == user_id).values(totp_secret=sealed))


def _secret_key() -> str:
    key: str = context.config.attributes.get("secret_key", "")
    if not key:
        raise SealError("Second steps of log-in are sealed: set GVI_SECRET_KEY.")
    ensure_key(op.get_bind(), key, at=datetime.now(UTC))
    return key


def _cipher(key: str) -> AESGCM:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gvi log-in")
    return AESGCM(made.derive(key.encode()))


def _opened(user: sa.Row[tuple[int, str, str]], key: str) -> str | None:
    try:
        kept = b64decode(user.totp_secret)
        opened = _cipher(key).decrypt(kept[:_NONCE], kept[_NONCE:], f"totp:{user.id}".encode())
    except (InvalidTag, ValueError):
        return None
    return opened.decode()
