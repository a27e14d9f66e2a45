"""Everything a site sets from outside, read once when the server or a command starts."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy.engine import make_url

KEY_FILE_SUFFIX = ".secret-key"
HEADS_SUFFIX = ".audit-heads"
_IN_MEMORY = (None, "", ":memory:")


class SettingsError(Exception):
    """A setting is missing or cannot be used; the message says which and what to do."""


class Settings(BaseModel):
    """The environment variables of the README, checked; frozen."""

    model_config = ConfigDict(frozen=True)

    database_url: str = "sqlite:///gvi.db"
    """`GVI_DATABASE_URL`: an SQLAlchemy URL, SQLite or PostgreSQL."""
    migration_url: str = ""
    """`GVI_MIGRATION_URL`: on PostgreSQL the same database as its owner, for `gvi migrate` alone.
    Blank: the application's own role owns the tables."""
    secret_key: str = ""
    """`GVI_SECRET_KEY`: required in production; made and kept beside the database in demo."""
    environment: Literal["production", "demo"] = "production"
    """`GVI_ENVIRONMENT`."""
    time_zone: str = "Europe/Stockholm"
    """`GVI_TIME_ZONE`: the programme's zone, in which bare dates are days."""
    audit_heads: str = ""
    """`GVI_AUDIT_HEADS`: where the log's daily heads go; blank is beside SQLite's file."""
    public_url: str = Field(default="", pattern=r"^(https?://[^/?#\s]+)?$")
    """`GVI_PUBLIC_URL`: the address people type, such as https://gvi.example.se, no slash at the
    end. With https, cookies are bound to the encrypted connection whatever reaches us."""
    trusted_proxies: str = ""
    """`GVI_TRUSTED_PROXIES`: proxies whose X-Forwarded-For is believed; blank: none."""
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://[^?#\s]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^?#\s]*)?)?$",
    )
    """`GVI_OIDC_ISSUER`: the provider of single sign-on, as it names itself: every ID token must
    say exactly this. Blank: there is no single sign-on. Encrypted, or on this machine."""
    oidc_client_id: str = ""
    """`GVI_OIDC_CLIENT_ID`: what the provider calls this site."""
    oidc_client_secret: str = Field(default="", repr=False)
    """`GVI_OIDC_CLIENT_SECRET`: by which this site proves itself to the provider."""
    oidc_name: str = ""
    """`GVI_OIDC_NAME`: what users call the provider; blank is its host."""
    oidc_acr: str = ""
    """`GVI_OIDC_ACR`: levels (`acr`), spaces between, that mean two steps at the provider."""
    oidc_amr: str = ""
    """`GVI_OIDC_AMR`: ways (`amr`), spaces between, of which each means two steps there."""
    port: int = Field(default=8000, ge=0, le=65535)
    """`PORT`: where the dashboard is served, on 127.0.0.1."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {value!r}") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def audit_heads_folder(self) -> Path | None:
        """Where the audit log's head is kept day by day; None where no folder is known."""
        if self.audit_heads:
            return Path(self.audit_heads)
        database = make_url(self.database_url)
        is_file = database.get_backend_name() == "sqlite" and database.database not in _IN_MEMORY
        return Path(f"{database.database}{HEADS_SUFFIX}") if is_file else None


NAMES = {
    "GVI_DATABASE_URL": "database_url",
    "GVI_MIGRATION_URL": "migration_url",
    "GVI_SECRET_KEY": "secret_key",
    "GVI_ENVIRONMENT": "environment",
    "GVI_TIME_ZONE": "time_zone",
    "GVI_AUDIT_HEADS": "audit_heads",
    "GVI_PUBLIC_URL": "public_url",
    "GVI_TRUSTED_PROXIES": "trusted_proxies",
    "GVI_OIDC_ISSUER": "oidc_issuer",
    "GVI_OIDC_CLIENT_ID": "oidc_client_id",
    "GVI_OIDC_CLIENT_SECRET": "oidc_client_secret",
    "GVI_OIDC_NAME": "oidc_name",
    "GVI_OIDC_ACR": "oidc_acr",
    "GVI_OIDC_AMR": "oidc_amr",
    "PORT": "port",
}
_BELONG_TOGETHER = ("GVI_OIDC_ISSUER", "GVI_OIDC_CLIENT_ID", "GVI_OIDC_CLIENT_SECRET")
_SAFE_FOR_SIGN_ON = re.compile(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$")


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises SettingsError naming the variable that cannot be used."""
    given = {field: environ[name] for name, field in NAMES.items() if environ.get(name)}
    try:
        return _checked(Settings.model_validate(given))
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        name = next(name for name, known in NAMES.items() if known == field)
        raise SettingsError(f"{name} cannot be used: {error.errors()[0]['msg']}.") from error


def _checked(settings: Settings) -> Settings:
    """Refuse half of what single sign-on needs."""
    missing = [name for name in _BELONG_TOGETHER if not getattr(settings, NAMES[name])]
    if len(missing) == len(_BELONG_TOGETHER):
        return settings
    if missing:
        raise SettingsError(f"{missing[0]} is not set. Single sign-on needs it.")
    if not _SAFE_FOR_SIGN_ON.match(settings.public_url):
        raise SettingsError(
            "GVI_PUBLIC_URL is not set to an https address. Single sign-on needs it: the provider"
            " sends people back there."
        )
    return settings


def with_secret_key(settings: Settings) -> Settings:
    """Give settings that hold a secret key; in demo one is made and kept beside the database.

    Raises SettingsError in production without GVI_SECRET_KEY.
    """
    if settings.secret_key:
        return settings
    path = secret_path(settings.database_url)
    if settings.environment == "production":
        kept = f" This database's key is in {path}." if path.exists() else ""
        raise SettingsError(
            "GVI_SECRET_KEY is not set. Set it to a long random text, for example the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`, and keep it." + kept
        )
    return with_key_file(settings)


def with_key_file(settings: Settings) -> Settings:
    """Give settings with the secret key of the environment, else of the file beside the database.

    The file is made where it is missing: the local operator must be able to make a database.
    """
    if settings.secret_key:
        return settings
    path = secret_path(settings.database_url)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return settings.model_copy(update={"secret_key": path.read_text().strip()})


def secret_path(database_url: str) -> Path:
    """Name the file in which a secret key is kept that was not set from outside."""
    database = make_url(database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        return Path(database.database + KEY_FILE_SUFFIX)
    return Path(f"gvi{KEY_FILE_SUFFIX}")
