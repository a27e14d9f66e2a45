"""Everything in one file, and back from it: on both databases, and from one to the other."""

import json
import struct
import zipfile
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from gvi.cli.main import main
from gvi.store.engine import make_engine, reading, transaction, unlock
from gvi.store.models import AuditEntry, Identity, Person
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_group, a_membership, a_person


@pytest.fixture
def gvi(database_url, programme, clock):
    def run(*words, url=database_url, secret=SECRET_KEY):
        environ = {"GVI_DATABASE_URL": url, "GVI_SECRET_KEY": secret}
        return main([str(word) for word in words], environ=environ, clock=clock)

    return run


@pytest.fixture
def town(engine, programme):
    """Somebody with a sealed name in a group, and a number that was given and is gone."""
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name="Viktor Sjö")
        a_membership(db, MONDAY, person, a_group(db, programme, MONDAY))
        gone = a_person(db, programme, MONDAY, "Tärna")
    with transaction(engine) as db:
        db.execute(text("DELETE FROM persons WHERE id = :id"), {"id": gone.id})
    return gone.id


@pytest.fixture
def backup(gvi, town, tmp_path):
    assert gvi("backup", tmp_path / "all.backup") == 0
    return tmp_path / "all.backup"


@pytest.fixture
def elsewhere(database, request, tmp_path):
    """A database without tables, of the other kind than the one that is backed up."""
    if database == "postgres":
        yield f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return
    server, name = request.getfixturevalue("postgres_server"), f"elsewhere_{uuid4().hex[:12]}"
    yield server.create(name)
    server.drop(name)


def _names(engine):
    with reading(engine) as db:
        return list(db.execute(select(Identity.name).order_by(Identity.person_id)).scalars())


@pytest.fixture
def opened():
    """Opens a database with the secret key, and closes it after the test."""
    engines = []

    def open_(url):
        engines.append(make_engine(url))
        unlock(engines[-1], SECRET_KEY)
        return engines[-1]

    yield open_
    for each in engines:
        each.dispose()


@pytest.fixture
def restored(gvi, backup, elsewhere, opened):
    """The database made from the backup."""
    assert gvi("restore", backup, url=elsewhere) == 0
    return opened(elsewhere)


def _count(url):
    engine = make_engine(url)
    with engine.connect() as connection:
        people = connection.execute(select(func.count()).select_from(Person)).scalar_one()
    engine.dispose()
    return people


def test_everything_comes_back_from_a_backup_also_on_the_other_database(
    gvi, engine, restored, elsewhere
):
    assert _names(restored) == _names(engine)
    assert "Viktor Sjö" in _names(restored)
    assert gvi("audit", "verify", url=elsewhere) == 0


def test_a_number_that_was_given_is_never_given_again(town, restored, programme):
    with transaction(restored) as db:
        assert a_person(db, programme, MONDAY, "Ejder").id > town


def test_a_backup_holds_no_name_in_plain_text_and_names_the_head_of_the_log(gvi, engine, backup):
    backup = backup.with_name("second.backup")
    gvi("backup", backup)

    with zipfile.ZipFile(backup) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))

    assert "Sjö".encode() not in content
    with reading(engine) as db:
        newest = db.execute(
            select(AuditEntry.hash).where(AuditEntry.id == manifest["audit_head"]["number"])
        )
        assert newest.scalar_one() == manifest["audit_head"]["hash"]
    assert backup.stat().st_mode & 0o077 == 0


def test_making_and_restoring_a_backup_is_in_the_log(engine, restored):
    for each, kind in ((engine, "backup:made"), (restored, "backup:restored")):
        with reading(each) as db:
            last = db.execute(select(AuditEntry.kind).order_by(AuditEntry.id.desc()).limit(1))
            assert last.scalar_one() == kind


def test_a_database_that_holds_anything_is_never_written_over(gvi, engine, backup, capsys):
    before = _names(engine)

    assert gvi("restore", backup) == 3

    assert "holds something already" in capsys.readouterr().err
    assert _names(engine) == before


def test_a_damaged_backup_is_refused_before_anything_is_written(gvi, backup, elsewhere, capsys):
    whole = bytearray(backup.read_bytes())
    with zipfile.ZipFile(backup) as archive:
        entry = archive.getinfo("tables/persons.jsonl")
    # The local header is 30 bytes, and the lengths of name and extras stand at its end.
    lengths = struct.unpack_from("<HH", whole, entry.header_offset + 26)
    whole[entry.header_offset + 30 + sum(lengths) + entry.compress_size // 2] ^= 1
    backup.write_bytes(whole)

    assert gvi("restore", backup, url=elsewhere) == 2

    assert "was damaged" in capsys.readouterr().err


def test_a_row_somebody_changed_in_the_file_is_found(gvi, backup, elsewhere, capsys):
    forged = backup.with_name("forged.backup")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"Lom"', b'"Tok"'))

    assert gvi("restore", forged, url=elsewhere) == 2

    assert "persons is not as it was written" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"id,name\n"])
def test_what_is_no_backup_is_said_to_be_none(gvi, tmp_path, elsewhere, content, capsys):
    (tmp_path / "x").write_bytes(content)

    assert gvi("restore", tmp_path / "x", url=elsewhere) == 2

    assert "is no backup, or was broken off" in capsys.readouterr().err


def test_another_secret_key_restores_nothing(gvi, backup, elsewhere, capsys):
    assert gvi("restore", backup, url=elsewhere, secret="another key " * 4) == 2

    assert "GVI_SECRET_KEY is not the one" in capsys.readouterr().err
    assert _count(elsewhere) == 0


def test_a_file_that_is_there_is_not_written_over(gvi, backup, capsys):
    before = backup.read_bytes()

    assert gvi("backup", backup) == 2

    assert "already" in capsys.readouterr().err
    assert backup.read_bytes() == before
    assert [each.name for each in backup.parent.iterdir() if each.name.endswith(".part")] == []


def test_a_backup_of_a_newer_version_says_so(gvi, backup, elsewhere, capsys):
    newer = backup.with_name("newer.backup")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"revision": "0', b'"revision": "9'))

    assert gvi("restore", newer, url=elsewhere) == 3

    assert "newer than this program" in capsys.readouterr().err
