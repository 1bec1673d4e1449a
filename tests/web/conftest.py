from collections.abc import AsyncIterator

import pytest

from tests.web.service import Service, serving
from tests.web.town import TOKENS, at, empty_calendars, write_town


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """An ordinary Monday at 9:01 with everything well; for tests that change nothing."""
    folder = write_town(tmp_path_factory.mktemp("town") / "town")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        yield service


@pytest.fixture
async def fresh(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """The same for one test, which may change it."""
    folder = write_town(tmp_path_factory.mktemp("town") / "town")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        yield service


async def begin(service: Service) -> None:
    await service.feed("people")
    await service.take(empty_calendars(int(service.clock.t)))
    for source, token in TOKENS.items():
        await service.put(f"/v1/sources/{source}/heartbeat", b"", token=token)
    service.turn(at("2026-11-23 09:01"))
