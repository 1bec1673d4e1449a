"""What holds for every test."""

from collections.abc import Iterator

import pytest

from connectors import stamp


@pytest.fixture(scope="session", autouse=True)
def files_are_whole() -> Iterator[None]:
    """Tests make their files a moment before they are read: nobody waits for them but the tests of waiting itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stamp, "QUIET", 0.0)
        yield
