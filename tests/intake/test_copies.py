"""A dry run writes to a copy of the store, and nothing of it reaches the log."""

import logging

import pytest

from presence.intake import Intake

from .given import KEY, World, away, people

pytestmark = pytest.mark.anyio


async def test_a_dry_run_over_a_copy_is_silent_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.take("ldap", people(40), marked=("p3",), marks_at=world.clock.t)
    await world.take("hr", away(range(40)))
    copy = Intake(world.store, world.rules, KEY, world.clock, is_copy=True)
    caplog.set_level(logging.INFO)
    caplog.clear()
    lifting = await copy.take(world.batch("ldap", people(40), marked=(), marks_at=world.clock.t), dry_run=True)
    held = await copy.take(world.batch("hr"), dry_run=True)
    await copy.close()
    assert lifting.changed
    assert held.hold
    assert [record for record in caplog.records if record.name.startswith("presence")] == []
