from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.conftest import begin
from tests.web.service import Service, serving
from tests.web.town import at, write_town


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Service]:
    """A small municipality on a Monday morning; every source is well."""
    folder = write_town(tmp_path / "town")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        yield service
