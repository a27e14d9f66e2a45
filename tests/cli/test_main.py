import getpass
import io
import json
import os
import sys

import pytest
from sqlalchemy import delete, func, select, update

from gvi.cli.command import os_user
from gvi.cli.main import main
from gvi.store.engine import transaction
from gvi.store.models import AuditEntry, AuditSubject, Person, Programme, User
from tests.conftest import SECRET_KEY, add_programme
from tests.exchange.files import a_file, a_town
from tests.tamper import unguarded


@pytest.fixture
def gvi(database_url, programme, clock):
    """Runs a command on the test's database: `gvi("import", folder)` gives its exit status."""

    def run(*words, **more):
        environ = {
            "GVI_DATABASE_URL": database_url,
            "GVI_TIME_ZONE": "Europe/Stockholm",
            "GVI_SECRET_KEY": SECRET_KEY,
            **{name: str(value) for name, value in more.items()},
        }
        return main([str(word) for word in words], environ=environ, clock=clock)

    return run


@pytest.fixture
def town(tmp_path):
    return folder_of(tmp_path / "town", *a_town())


def folder_of(path, *files):
    path.mkdir()
    for file in files:
        (path / file.name).write_bytes(file.content)
    return path


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stored(engine, question):
    with transaction(engine) as db:
        return db.execute(question).scalars().all()


# migrate, demo


def test_migrate_makes_the_first_programme_once(gvi, engine):
    assert gvi("migrate") == 0
    assert gvi("migrate") == 0

    assert stored(engine, select(Programme.code)) == ["default"]


def test_migrate_makes_a_database_where_there_is_none(tmp_path, clock):
    environ = {"GVI_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}

    assert main(["migrate"], environ=environ, clock=clock) == 0
    assert main(["rank", "--format", "json"], environ=environ, clock=clock) == 0


def test_other_commands_do_not_make_one_by_mistake(tmp_path, clock, capsys):
    environ = {"GVI_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}

    assert main(["rank"], environ=environ, clock=clock) == 2
    assert "Make one with: gvi migrate" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_invented_town_never_comes_into_a_database_that_holds_anything(gvi, engine, capsys):
    assert gvi("demo", "--if-empty") == 0
    assert gvi("demo") == 3

    assert "was not loaded" in capsys.readouterr().err
    assert stored(engine, select(func.count()).select_from(Person)) == [0]


# import


def test_a_folder_is_brought_in_and_taken_out_again(gvi, town, tmp_path, capsys):
    assert gvi("import", town, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert gvi("export", tmp_path / "out") == 0

    assert document["dry_run"] is False
    assert document["problems"] == []
    assert document["files"][2] == {
        "name": "persons.csv",
        "rows": 3,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
    }
    assert sorted(bytes_of(tmp_path / "out")) == sorted(bytes_of(town))


def test_an_export_brought_into_an_empty_database_is_exported_the_same(
    gvi, town, tmp_path, sqlite_template, clock
):
    gvi("import", town)
    gvi("export", tmp_path / "first")
    other = tmp_path / "other.db"
    other.write_bytes(sqlite_template.read_bytes())
    environ = {"GVI_DATABASE_URL": f"sqlite:///{other}"}

    for words in ("migrate",), ("import", tmp_path / "first"), ("export", tmp_path / "second"):
        assert main([str(word) for word in words], environ=environ, clock=clock) == 0

    assert bytes_of(tmp_path / "second") == bytes_of(tmp_path / "first")


def test_a_dry_run_changes_nothing_and_says_so(gvi, engine, town, capsys):
    assert gvi("import", town, "--dry-run", "--format", "json") == 0

    out, err = capsys.readouterr()
    assert json.loads(out)["dry_run"] is True
    assert json.loads(out)["files"][2]["created"] == 3
    assert "nothing was changed" in err
    assert stored(engine, select(Person.id)) == []


@pytest.mark.parametrize("dry_run", [["--dry-run"], []], ids=["dry run", "for good"])
def test_rejected_rows_refuse_the_whole_with_status_3(gvi, engine, tmp_path, capsys, dry_run):
    folder = folder_of(tmp_path / "in", a_file("persons", "id,birth_date", "P1,", "P2,1990-02-30"))

    assert gvi("import", folder, "--format", "json", *dry_run) == 3

    out, err = capsys.readouterr()
    assert json.loads(out)["files"] == [
        {
            "name": "persons.csv",
            "rows": 2,
            "created": 0,
            "updated": 0,
            "unchanged": 0,
            "rejected": 1,
        }
    ]
    assert [problem["row"] for problem in json.loads(out)["problems"]] == [3]
    assert "--skip-rejected" in err
    assert stored(engine, select(Person.id)) == []
    assert [path.name for path in tmp_path.iterdir() if "rejected" in path.name] == []


def test_skipped_rows_are_written_beside_in_their_own_layout(gvi, engine, tmp_path, capsys):
    folder = folder_of(tmp_path / "in", a_file("persons", "id;birth_date", "P1;", "P2;1990-02-30"))

    assert gvi("import", folder, "--skip-rejected") == 0
    assert gvi("import", folder, "--skip-rejected") == 0

    assert "The rejected rows are in" in capsys.readouterr().err
    for name in ("in-rejected", "in-rejected-2"):
        assert bytes_of(tmp_path / name) == {"persons.csv": b"id;birth_date\nP2;1990-02-30\n"}
    assert stored(engine, select(Person.external_id)) == ["P1"]


def test_a_table_goes_to_stdout_and_problems_to_stderr(gvi, tmp_path, capsys):
    folder = folder_of(tmp_path / "in", a_file("persons", "id,shoe", "P1,42"))

    gvi("import", folder)

    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == ["persons.csv", "1", "1", "0", "0", "0"]
    assert "persons.csv row 1, shoe" in err


def test_a_single_file_and_an_edge_list_come_in_by_themselves(gvi, town, tmp_path, capsys):
    edges = tmp_path / "edges.csv"
    edges.write_text("a,b\nP1,P9\n")

    assert gvi("import", town / "persons.csv") == 0
    capsys.readouterr()
    assert gvi("import", edges, "--format", "json") == 0

    document = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["created"]) for each in document["files"]] == [("edges.csv", 1)]
    assert "P9" in document["problems"][0]["reason"]


def _folder(path):
    path.mkdir()


def _loop(path):
    path.symlink_to(path.name)


def _dangling(path):
    path.symlink_to("nowhere")


def _pipe(path):
    os.mkfifo(path)


@pytest.mark.parametrize("make", [_folder, _loop, _dangling, _pipe])
def test_what_only_bears_the_name_of_a_file_refuses_the_whole(gvi, engine, town, capsys, make):
    (town / "ties.csv").unlink()
    make(town / "ties.csv")

    assert gvi("import", town, "--format", "json") == 3

    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["file"], problem["row"]) == ("ties.csv", 1)
    assert "could not be read" in problem["reason"]
    assert problem["suggestion"]
    assert stored(engine, select(Person.id)) == []


def test_whatever_else_lies_in_the_folder_is_said_and_does_no_harm(gvi, town, capsys):
    (town / "older").mkdir()
    (town / "attendances.csv").write_text("call_in,person,outcome\n")

    assert gvi("import", town, "--format", "json") == 0

    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [each["file"] for each in problems] == ["attendances.csv", "older"]
    assert all("was not read" in each["reason"] and each["suggestion"] for each in problems)


def test_a_folder_with_attendances_only_says_that_they_cannot_be_brought_in(gvi, tmp_path, capsys):
    folder = folder_of(tmp_path / "in", a_file("attendances", "call_in,person,outcome"))

    assert gvi("import", folder) == 0

    assert "This version cannot bring in attendances; the file was not read." in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["import", "nowhere"], id="a path that is not there"),
        pytest.param(["import", "."], id="a folder without such files"),
        pytest.param(["export", "file"], id="a file for a folder"),
        pytest.param(["rank", "--as-of", "yesterday"], id="a day that is none"),
        pytest.param(["rank", "--as-of", "2026-W10"], id="a week for a day"),
        pytest.param(["callin-plan", "--size", "2", "--as-of", "2026-W10-1"], id="a day of a week"),
        pytest.param(["callin-plan", "--size", "2", "--on", "2026-W10-1"], id="a week to meet in"),
        pytest.param(["callin-plan", "--size", "2", "--on", "20260302"], id="a day without dashes"),
        pytest.param(["rank", "--explain", "Nobody"], id="a person nobody knows"),
        pytest.param(["callin-plan", "--size", "2", "--group", "None"], id="a group nobody knows"),
        pytest.param(["rank", "--programme", "elsewhere"], id="a programme that is not there"),
    ],
)
def test_what_cannot_be_used_gives_status_2_and_a_sentence(
    gvi, tmp_path, monkeypatch, capsys, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()

    assert gvi(*words) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


@pytest.mark.parametrize("url", ["mongodb://x", "sqlite:////nowhere/at/all.db", "nonsense"])
def test_a_database_that_cannot_be_used_is_a_sentence_too(clock, capsys, url):
    assert main(["migrate"], environ={"GVI_DATABASE_URL": url}, clock=clock) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_tracebacks_come_only_with_debug(clock):
    with pytest.raises(Exception, match="Could not parse"):
        main(["--debug", "migrate"], environ={"GVI_DATABASE_URL": "nonsense"}, clock=clock)


def test_a_server_needs_a_secret_key_in_production(database_url, clock, capsys):
    environ = {"GVI_DATABASE_URL": database_url, "GVI_ENVIRONMENT": "production"}

    assert main(["serve"], environ=environ, clock=clock) == 2
    assert "GVI_SECRET_KEY is not set" in capsys.readouterr().err


# who acts, and where


def test_the_log_names_the_operating_systems_user(gvi, engine, town, monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody-else")

    gvi("import", town)

    assert stored(engine, select(AuditEntry.actor)) == [os_user()]
    assert stored(engine, select(AuditEntry.source)) == ["gvi import"]
    assert getpass.getuser() == "somebody-else"


def test_one_of_several_programmes_must_be_named(gvi, engine, town, capsys):
    add_programme(engine, "north")

    assert gvi("import", town) == 2
    assert "--programme CODE (default, north)" in capsys.readouterr().err
    assert gvi("import", town, "--programme", "north") == 0
    assert gvi("--programme", "north", "import", town) == 0
    code = select(Programme.code).join(Person, Person.programme_id == Programme.id).distinct()
    assert stored(engine, code) == ["north"]


def test_an_export_carries_its_purpose_into_the_log(gvi, engine, tmp_path):
    gvi("export", tmp_path / "out", "--purpose", "Check by the prefect")

    assert stored(engine, select(AuditEntry.purpose)) == ["Check by the prefect"]


# rank, callin-plan, user, audit


def test_questions_are_answered_on_stdout(gvi, town, capsys):
    gvi("import", town)
    capsys.readouterr()

    assert gvi("rank", "--as-of", "2025-06-01", "--format", "json") == 0
    ranking = json.loads(capsys.readouterr().out)
    assert gvi("callin-plan", "--size", "1", "--format", "json") == 0
    plan = json.loads(capsys.readouterr().out)

    assert [(e["person"], e["interval"]) for e in ranking["entries"]] == [("P1", [1, 1])]
    assert plan["status"] == "proved_best"


def test_a_printed_rank_stands_beside_where_it_may_lie(gvi, town, capsys):
    gvi("import", town)
    capsys.readouterr()

    gvi("rank", "--as-of", "2025-06-01", "--format", "csv")

    header, row = capsys.readouterr().out.splitlines()
    assert header == "rank,low,high,person,score,own,near,far,group"
    assert row.startswith("1,1,1,P1,")


def test_a_plan_that_cannot_be_gives_status_3(gvi, town, capsys):
    gvi("import", town)

    assert gvi("callin-plan", "--size", "5", "--exactly", "--format", "json") == 3


def test_a_user_is_added_with_a_password_from_standard_input(gvi, engine, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("en lång mening om älvar\n"))

    assert gvi("user", "add", "Bo", "--name", "Bo Ek", "--role", "admin") == 0

    assert "bo" in stored(engine, select(User.username))


def test_a_short_password_is_refused(gvi, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("kort\n"))

    assert gvi("user", "add", "bo", "--name", "Bo Ek", "--role", "admin") == 2
    assert "at least 15 characters" in capsys.readouterr().err


def test_audit_verify_tells_whole_from_broken(gvi, engine, town, capsys):
    gvi("import", town, "--dry-run")
    gvi("import", town)

    assert gvi("audit", "verify") == 0
    with unguarded(engine) as db:
        db.execute(update(AuditEntry).where(AuditEntry.id == 2).values(actor="nobody"))
    assert gvi("audit", "verify") == 3
    assert "entry 2" in capsys.readouterr().err


def test_a_log_that_was_cut_is_named_against_its_exported_head(gvi, engine, town, tmp_path, capsys):
    heads = tmp_path / "heads"
    gvi("import", town, "--dry-run")
    gvi("import", town)
    assert gvi("audit", "head", "--write", heads) == 0
    assert gvi("audit", "verify", "--heads", heads) == 0
    assert "agrees with 1 exported heads" in capsys.readouterr().out
    with unguarded(engine) as db:
        db.execute(delete(AuditEntry).where(AuditEntry.id == 2))
        db.execute(delete(AuditSubject).where(AuditSubject.entry_id == 2))

    assert gvi("audit", "verify") == 0, "what is left is a whole chain"
    assert gvi("audit", "verify", "--heads", heads) == 3
    assert "entry 2 is missing, though entry 2 was exported" in capsys.readouterr().err


def test_every_export_keeps_the_head_of_the_log_apart_from_its_files(gvi, town, tmp_path, capsys):
    gvi("import", town)
    heads = tmp_path / "heads"
    assert gvi("export", tmp_path / "out", GVI_AUDIT_HEADS=heads) == 0

    assert sorted(bytes_of(tmp_path / "out")) == sorted(bytes_of(town))
    assert gvi("audit", "verify", "--heads", heads) == 0
    assert "agrees with 1 exported heads" in capsys.readouterr().out


def test_a_head_that_was_changed_is_said_to_be_none(gvi, town, tmp_path, capsys):
    gvi("import", town)
    gvi("audit", "head", "--write", tmp_path / "heads")
    (file,) = (tmp_path / "heads").iterdir()
    file.write_text(file.read_text() + "2026-03-02 nothing\n")

    assert gvi("audit", "verify", "--heads", tmp_path / "heads") == 2
    assert "line 2" in capsys.readouterr().err
    assert gvi("audit", "verify", "--heads", tmp_path / "nowhere") == 2
