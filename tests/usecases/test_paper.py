"""Papers and letters that several people make at the same moment are numbered one after another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.paper import LetterLanguage, PaperKind
from gvi.store.engine import reading, transaction
from gvi.store.models import LetterText, Paper
from gvi.usecases.paper import make_paper, write_letter
from gvi.usecases.sent_form import take
from tests import factories as make
from tests.conftest import MONDAY

AT_ONCE = 6


@pytest.fixture
def all_at_once(engine, viewer):
    """Do something as several visits of the municipal coordinator do it, each with its form key."""
    municipal, start = viewer(Role.COORDINATOR_MUNICIPAL), Barrier(AT_ONCE)

    def do_all(act):
        def one(number):
            start.wait()
            with transaction(engine) as db:
                take(db, municipal, f"key {number}", at=MONDAY)
                act(db, municipal)

        with ThreadPoolExecutor(AT_ONCE) as people:
            list(people.map(one, range(AT_ONCE)))

    return do_all


def test_letters_written_at_the_same_moment_are_versions_one_after_another(engine, all_at_once):
    def write(db, viewer):
        words = {"heading": "Welcome", "body": "Dear {name}"}
        write_letter(db, viewer, LetterLanguage.EN, **words, at=MONDAY)

    all_at_once(write)

    with reading(engine) as db:
        versions = db.execute(select(LetterText.version)).scalars()
        assert sorted(versions) == [1, 2, 3, 4, 5, 6]


def test_papers_printed_at_the_same_moment_are_versions_one_after_another(
    engine, programme, all_at_once
):
    with transaction(engine) as db:
        person = make.a_person(db, programme, MONDAY, "Lom").id
        call_in = make.a_call_in(db, programme, MONDAY).id

    def print_it(db, viewer):
        make_paper(
            db,
            viewer,
            call_in,
            PaperKind.ROSTER,
            language=LetterLanguage.EN,
            purpose="Rehearsal",
            people=[person],
            at=MONDAY,
        )

    all_at_once(print_it)

    with reading(engine) as db:
        versions = db.execute(select(Paper.version)).scalars()
        assert sorted(versions) == [1, 2, 3, 4, 5, 6]
