"""`gvi keys`: rotating the ring, taking it up after a stop, and what an operator is told."""

import io
import sys

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, text

from gvi.cli.main import main
from gvi.domain.removal import Removable
from gvi.store import keys, resealing
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Identity, ImportDraft, PersonAlias
from gvi.store.sealing import seal_bytes
from gvi.usecases.removal import remove
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_person, a_supervision

OTHER = "another long text that stands for a random one"


@pytest.fixture
def gvi(database_url, programme, clock):
    def run(*words, secret=SECRET_KEY):
        environ = {"GVI_DATABASE_URL": database_url, "GVI_SECRET_KEY": secret}
        return main([str(word) for word in words], environ=environ, clock=clock)

    return run


@pytest.fixture
def people(engine, programme):
    """Three people with a name, an alias and a note each."""
    with transaction(engine) as db:
        for number in range(3):
            person = a_person(db, programme, MONDAY, f"Lom {number}", name=f"Viktor {number}k")
            db.add(PersonAlias(person_id=person.id, alias=f"Vicke {number}"))
            a_supervision(db, MONDAY, person, note=f"Note {number}")


def sealed_with(engine):
    """Which keys the texts and the index are under."""
    with transaction(engine) as db:
        texts = "SELECT name FROM identities UNION ALL SELECT note FROM supervisions"
        found = {each.split(".")[1] for each in db.execute(text(texts)).scalars()}
        return found | {str(k) for k in db.execute(text("SELECT key FROM name_tokens")).scalars()}


def names(engine):
    with reading(engine) as db:
        return sorted(db.execute(select(Identity.name)).scalars())


def test_a_rotation_seals_everything_anew_and_the_old_key_goes(gvi, engine, people, capsys):
    with transaction(engine) as db:
        user = db.execute(text("SELECT min(id) FROM users")).scalar_one()
        draft = ImportDraft(programme_id=1, user_id=user, created_at=MONDAY, content=b"")
        db.add(draft)
        db.flush()
        place = {"table": "import_drafts", "column": "content", "record": draft.id}
        draft.content = seal_bytes(db, b"a file", **place)
    assert sealed_with(engine) == {"1"}

    assert gvi("keys", "rotate") == 0
    assert sealed_with(engine) == {"2"}
    assert names(engine) == ["Viktor 0k", "Viktor 1k", "Viktor 2k"]
    assert gvi("keys", "retire") == 0
    assert gvi("keys", "list") == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].split()[0] == "2"
    with transaction(engine) as db:
        kinds = db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars().all()
    assert kinds[-2:] == ["key:added", "key:retired"]


def test_a_rotation_that_was_stopped_is_taken_up_without_another_key(
    gvi, engine, people, monkeypatch
):
    monkeypatch.setattr(resealing, "AT_ONCE", 2)
    done = resealing.reseal_some
    batches = iter((1, 2))

    def killed(db):
        next(batches)
        return done(db)

    monkeypatch.setattr("gvi.cli.keys.reseal_some", killed)
    assert gvi("keys", "rotate") == 1
    with transaction(engine) as db:
        assert all(line.rows for line in resealing.key_lines(db))
    assert names(engine) == ["Viktor 0k", "Viktor 1k", "Viktor 2k"]
    assert gvi("keys", "retire") == 2

    monkeypatch.setattr("gvi.cli.keys.reseal_some", done)
    assert gvi("keys", "rotate") == 0
    assert sealed_with(engine) == {"2"}
    assert gvi("keys", "retire") == 0


def test_a_server_running_beside_a_rotation_writes_with_the_new_key(gvi, engine, people, programme):
    assert names(engine)  # the engine holds the ring as it was
    assert gvi("keys", "rotate") == 0

    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Tärna", name="Åsa Ek")

    assert sealed_with(engine) == {"2"}
    assert gvi("keys", "retire") == 0
    assert "Åsa Ek" in names(engine)


def test_the_secret_key_can_be_changed(gvi, engine, people, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(OTHER + "\n"))
    assert gvi("keys", "rewrap") == 0

    assert gvi("keys", "list") == 2
    assert "not the one this database was sealed with" in capsys.readouterr().err
    assert gvi("keys", "list", secret=OTHER) == 0


def test_an_erased_id_stays_out_of_files_after_the_key_it_was_known_by_is_taken_out(
    gvi, engine, operator, clock, tmp_path
):
    with transaction(engine) as db:
        gone = a_person(db, operator.programme_id, MONDAY, "Siska", external_id="P-7")
        remove(db, operator, Removable.PERSON, gone.id, reason="a mistake", at=MONDAY)
    file = tmp_path / "persons.csv"
    file.write_text("id,name\nP-7,Noel Bäck\n")
    clock.move(days=40)
    assert gvi("retention", "run") == 0

    for _ in range(2):
        assert gvi("import", file) == 3
        assert gvi("keys", "rotate") == 0
        assert gvi("keys", "retire") == 0
    with transaction(engine) as db:
        ring = keys.read_ring(db.connection(), SECRET_KEY)
        keys.rewrap(db.connection(), SECRET_KEY, OTHER)

    assert gvi("import", file, secret=OTHER) == 3
    assert (len(ring.keys), len(ring.past)) == (1, 2)


def test_of_a_key_that_is_taken_out_nothing_stays_where_no_id_is_kept_out(gvi, engine, people):
    assert gvi("keys", "rotate") == 0
    assert gvi("keys", "retire") == 0
    with reading(engine) as db:
        assert keys.read_ring(db.connection(), SECRET_KEY).past == ()


def test_what_stays_of_a_key_opens_nothing(gvi, engine, operator):
    with transaction(engine) as db:
        gone = a_person(db, operator.programme_id, MONDAY, "Siska", external_id="P-7")
        remove(db, operator, Removable.PERSON, gone.id, reason="a mistake", at=MONDAY)
        before = keys.ring_of(db).keys[1].sealing
    assert gvi("keys", "rotate") == 0
    assert gvi("keys", "retire") == 0

    with reading(engine) as db:
        after = keys.read_ring(db.connection(), SECRET_KEY)
    assert 1 not in after.keys
    nonce = b"0" * keys.NONCE_BYTES
    with pytest.raises(InvalidTag):
        AESGCM(after.past[0]).decrypt(nonce, before.encrypt(nonce, b"Viktor", b""), b"")


def test_a_short_secret_key_is_refused(gvi, people, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert gvi("keys", "rewrap") == 2
    assert "32 characters" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("rank",), ("export", "out"), ("migrate",), ("serve",)])
def test_with_a_wrong_key_every_command_says_what_to_do(gvi, people, capsys, words, tmp_path):
    words = [str(tmp_path / word) if word == "out" else word for word in words]
    assert gvi(*words, secret=OTHER) == 2
    said = capsys.readouterr().err
    assert "GVI_SECRET_KEY is not the one this database was sealed with" in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("programme")
def test_without_any_key_a_command_says_what_to_do(
    database_url, clock, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    environ = {"GVI_DATABASE_URL": database_url}
    assert main(["rank"], environ=environ, clock=clock) == 2
    assert "GVI_SECRET_KEY is not set" in capsys.readouterr().err


def test_a_database_made_without_a_key_gets_one_beside_it_and_says_so(tmp_path, clock, capsys):
    environ = {"GVI_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}

    assert main(["migrate"], environ=environ, clock=clock) == 0

    said = capsys.readouterr().err
    kept = tmp_path / "new.db.secret-key"
    assert str(kept) in said
    assert "without it nobody can read them" in said
    assert kept.stat().st_mode & 0o077 == 0
    assert len(kept.read_text()) >= 32
    assert main(["serve"], environ=environ, clock=clock) == 2
    assert str(kept) in capsys.readouterr().err
