"""What is hidden and what never was are answered alike (10,000 pairs in `make security`)."""

import pytest

from tests.conftest import MONDAY, ZONE
from tests.security.pairs import differing
from tests.town import invented_town

pytestmark = pytest.mark.slow


def test_a_hidden_record_is_answered_as_one_that_never_was(tmp_path):
    engine = invented_town(tmp_path, at=MONDAY, zone=ZONE)

    said, wrong = differing(engine, 150, seed=20)

    assert wrong == []
    assert min(said["seen"], said["hidden"], said["not for the role"]) > 10, said
    engine.dispose()
