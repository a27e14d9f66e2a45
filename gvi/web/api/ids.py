"""How records are named in addresses, filters and bodies of the API: read in this one place."""

from typing import Annotated

from pydantic import Field

from gvi.web.forms import LARGEST

Id = Annotated[int, Field(ge=1, le=LARGEST)]
PersonId = Id
