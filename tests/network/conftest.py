from datetime import date

import pytest

from tests.network.facts import AS_OF


@pytest.fixture
def child_born() -> date:
    """The birth date of somebody who turns 18 the day after `AS_OF`."""
    return date(AS_OF.year - 18, AS_OF.month, AS_OF.day + 1)
