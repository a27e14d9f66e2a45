"""The pages under docs/ that are made from the code say what the code does."""

import pytest

from scripts.docs import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_made_page_is_up_to_date(name):
    written = (ROOT / name).read_text(encoding="utf-8")

    assert written == PAGES[name](), "run `make docs`"
