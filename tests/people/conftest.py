"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from revmatch.errors import InputError, Problem
from revmatch.people.people import People

Refused = Callable[..., list[Problem]]


@pytest.fixture
def refused() -> Refused:
    """Problems of records that are refused."""

    def problems(*records: dict[str, Any]) -> list[Problem]:
        with pytest.raises(InputError) as caught:
            People.from_records(records)
        return list(caught.value.problems)

    return problems
