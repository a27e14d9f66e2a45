from datetime import date

import pytest
from hypothesis import settings

from tests.network.facts import AS_OF

settings.register_profile("gvi", deadline=None)  # a busy machine is no wrong answer
settings.register_profile("thorough", settings.get_profile("gvi"), max_examples=1_000)
settings.load_profile("gvi")


@pytest.fixture
def child_born() -> date:
    """The birth date of somebody who turns 18 the day after `AS_OF`."""
    return date(AS_OF.year - 18, AS_OF.month, AS_OF.day + 1)
