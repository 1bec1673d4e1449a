"""How sources fare, and what a failing feed of one person does."""

import logging

import pytest

from presence.domain.facts import Absence, Calendar
from presence.domain.intervals import FOREVER
from presence.intake import UnknownSource
from presence.ports import Person, SourceUnavailable

from .given import DAY, HOUR, MINUTE, World, Wrapped, at, away, busy, contact, leave, people

pytestmark = pytest.mark.anyio

P0 = "mail:p0@example.se"
DOWN = SourceUnavailable("unreachable")


class TestEvidence:
    async def test_a_complete_batch_counts_from_when_its_reading_began(self, world: World) -> None:
        await world.take("calendars", read_at=world.clock.t - 60)
        health = await world.health("calendars")
        assert (health.ok_at, health.ok_until) == (world.clock.t - 60, world.clock.t - 60 + 15 * MINUTE)

    async def test_each_complete_batch_renews_it(self, world: World) -> None:
        for _ in range(3):
            world.clock.pass_(5 * MINUTE)
            await world.take("calendars")
            assert (await world.health("calendars")).ok_until == world.clock.t + 15 * MINUTE

    async def test_single_reports_renew_nothing(self, world: World) -> None:
        """Part of a source may work while the rest is dead."""
        await world.take("ldap", people(1))
        await world.intake.heartbeat("switchboard")
        before = await world.health("switchboard")
        world.clock.pass_(5 * MINUTE)
        await world.reports(P0, "busy")
        assert await world.health("switchboard") == before

    async def test_a_heartbeat_renews(self, world: World) -> None:
        await world.intake.heartbeat("switchboard")
        world.clock.pass_(5 * MINUTE)
        await world.intake.heartbeat("switchboard")
        assert (await world.health("switchboard")).ok_until == world.clock.t + 15 * MINUTE

    async def test_a_heartbeat_a_second_is_not_written_each_time(self, world: World) -> None:
        await world.intake.heartbeat("switchboard")
        before = await world.store_numbers()
        for _ in range(60):
            world.clock.pass_(1)
            await world.intake.heartbeat("switchboard")
        assert await world.store_numbers() == before

    async def test_a_partial_reading_may_say_that_the_source_is_well(self, world: World) -> None:
        await world.push("calendars", heartbeat=True)
        assert (await world.health("calendars")).ok_at == world.clock.t

    async def test_of_a_source_that_cannot_send_heartbeats_reports_are_all_there_is(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.push("chat", Person(alias=P0))
        health = await world.health("chat")
        assert (health.heartbeats, health.ok_at) == (False, world.clock.t)

    @pytest.mark.parametrize(
        ("read", "until"),
        [
            ("2026-11-23 06:00", "2026-11-24 18:00"),  # Monday
            ("2026-11-27 18:00", "2026-12-01 06:00"),  # Friday evening: the weekend does not count
            ("2026-11-28 10:00", "2026-12-01 12:00"),  # Saturday: as if read on Monday at midnight
            ("2026-10-23 18:00", "2026-10-27 06:00"),  # over the night on which clocks go back
        ],
    )
    async def test_days_on_which_the_organisation_is_closed_do_not_count_for_leave(
        self, world: World, read: str, until: str
    ) -> None:
        world.clock.t = at(read)
        await world.take("hr")
        assert (await world.health("hr")).ok_until == at(until)

    async def test_what_the_configuration_says_has_no_limit(self, world: World) -> None:
        await world.take("config", people(1))
        assert (await world.health("config")).ok_until == FOREVER

    async def test_a_batch_that_is_held_back_is_no_success(self, world: World) -> None:
        await world.take("ldap", people(50))
        before = await world.health("ldap")
        world.clock.pass_(HOUR)
        await world.take("ldap", people(10))
        await world.intake.heartbeat("ldap")
        health = await world.health("ldap")
        assert (health.ok_until, health.failing_since, health.error) == (before.ok_until, world.clock.t, "held-back")


class TestFailures:
    async def test_since_when_and_by_which_code(self, world: World) -> None:
        await world.take("ldap", people(1))
        world.clock.pass_(MINUTE)
        await world.intake.failed("ldap", DOWN)
        begun = world.clock.t
        world.clock.pass_(HOUR)
        await world.intake.failed("ldap", DOWN)
        health = await world.health("ldap")
        assert (health.failing_since, health.error) == (begun, "unreachable")

    async def test_what_is_held_stays_evidence_to_its_limit(self, world: World) -> None:
        await world.take("ldap", people(1))
        before = await world.health("ldap")
        await world.intake.failed("ldap", DOWN)
        assert (await world.health("ldap")).ok_until == before.ok_until
        assert len(await world.names()) == 1

    async def test_the_same_failure_again_writes_nothing(self, world: World) -> None:
        await world.intake.failed("ldap", DOWN)
        before = await world.store_numbers()
        world.clock.pass_(HOUR)
        await world.intake.failed("ldap", DOWN)
        assert await world.store_numbers() == before

    async def test_a_success_ends_it(self, world: World) -> None:
        await world.intake.failed("ldap", DOWN)
        await world.take("ldap", people(1))
        health = await world.health("ldap")
        assert (health.failing_since, health.error) == (0, "")

    async def test_the_log_tells_each_change_of_state_once(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "presence.intake")
        await world.take("ldap", people(1))
        for _ in range(5):
            await world.intake.failed("ldap", DOWN)
            world.clock.pass_(MINUTE)
        for _ in range(3):
            await world.take("ldap", people(1))
        assert [record.getMessage() for record in caplog.records] == [
            "source ldap: failing: unreachable",
            "source ldap: well again after 300 s",
        ]

    async def test_a_source_that_nobody_configured_is_refused(self, world: World) -> None:
        with pytest.raises(UnknownSource):
            await world.take("unheard-of")
        with pytest.raises(UnknownSource):
            await world.intake.heartbeat("unheard-of")
        with pytest.raises(UnknownSource):
            await world.intake.failed("unheard-of", DOWN)


class TestOnePersonsFeed:
    async def calendar(self, world: World) -> Calendar:
        found = await world.get(Calendar, "calendar", contact("p0"), "calendars")
        assert found is not None
        return found

    async def test_that_fails_keeps_what_is_held_as_evidence_to_the_limit_of_its_last_success(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("calendars", [Person(alias=P0, calendar=busy(9))])
        read = world.clock.t
        world.clock.pass_(5 * MINUTE)
        await world.take("calendars", [Person(alias=P0, failed="timeout")])
        found = await self.calendar(world)
        assert (found.intervals, found.ok_until) == (busy(9).intervals, read + 15 * MINUTE)

    async def test_that_goes_on_failing_keeps_its_mark(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("calendars", [Person(alias=P0, calendar=busy(9))])
        read = world.clock.t
        for _ in range(3):
            world.clock.pass_(5 * MINUTE)
            await world.take("calendars", [Person(alias=P0, failed="timeout")])
        assert (await self.calendar(world)).ok_until == read + 15 * MINUTE

    async def test_that_was_never_read_is_no_evidence_at_all(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("calendars", [Person(alias=P0, failed="timeout")])
        assert (await self.calendar(world)).ok_until == world.clock.t

    async def test_that_is_back_has_no_mark_of_its_own(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("calendars", [Person(alias=P0, failed="timeout")])
        await world.take("calendars", [Person(alias=P0, calendar=busy(9))])
        assert await self.calendar(world) == busy(9)

    async def test_marks_that_persons_leave_too(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("hr", away([0]))
        read = world.clock.t
        world.clock.pass_(HOUR)
        await world.take("hr", [Person(alias="employee:0", failed="timeout")])
        found = await world.get(Absence, "absence", contact("p0"), "hr", "leave")
        assert found
        assert found.ok_until == read + 36 * HOUR

    async def test_of_a_stranger_is_marked_where_it_is_held(self, world: World) -> None:
        await world.take("calendars", [Person(alias="mail:x@example.se", calendar=busy(9))])
        await world.take("calendars", [Person(alias="mail:x@example.se", failed="timeout")])
        held = (await world.held())["mail:x@example.se"]
        assert isinstance(held, Calendar)
        assert held.ok_until < FOREVER


class TestACalendarThatIsSuddenlyEmpty:
    async def read(self, world: World, calendar: Calendar, events: int) -> Calendar:
        await world.take("calendars", [Person(alias=P0, calendar=calendar, future_events=events)])
        found = await world.get(Calendar, "calendar", contact("p0"), "calendars")
        assert found is not None
        return found

    async def test_is_not_believed_at_once(self, world: World) -> None:
        await world.take("ldap", people(1))
        await self.read(world, busy(9), 5)
        assert (await self.read(world, Calendar(), 0)).intervals == busy(9).intervals

    async def test_is_believed_when_it_is_read_a_second_time(self, world: World) -> None:
        await world.take("ldap", people(1))
        await self.read(world, busy(9), 5)
        await self.read(world, Calendar(), 0)
        assert await self.read(world, Calendar(), 0) == Calendar()

    async def test_must_be_empty_twice_in_a_row(self, world: World) -> None:
        await world.take("ldap", people(1))
        for _ in range(3):
            await self.read(world, busy(9), 5)
            assert (await self.read(world, Calendar(), 0)).intervals == busy(9).intervals

    async def test_with_few_events_is_a_person_who_cancelled_them(self, world: World) -> None:
        await world.take("ldap", people(1))
        await self.read(world, busy(9), 4)
        assert await self.read(world, Calendar(), 0) == Calendar()


class TestHousekeeping:
    async def test_ended_leave_leaves_the_store_within_a_day(self, world: World) -> None:
        await world.take("ldap", people(4))
        start = world.clock.t
        await world.push("hr", Person(alias="employee:0", absences={"a": Absence(start=start, end=start + HOUR)}))
        await world.push("hr", Person(alias="employee:1", absences={"a": leave("2026-11-23")}))
        await world.push("hr", Person(alias="employee:2", absences={"a": leave("2026-11-24")}))
        await world.push("hr", Person(alias="employee:99", absences={"a": leave("2026-11-23")}))
        world.clock.t = at("2026-11-24 13:00")
        await world.intake.housekeeping()
        assert await world.absences() == {contact("p2"): {"a"}}
        assert await world.held() == {}

    async def test_a_night_shift_that_began_on_the_last_day_is_still_covered(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.push("hr", Person(alias="employee:0", absences={"a": leave("2026-11-23")}))
        world.clock.t = at("2026-11-24 06:00")
        await world.intake.housekeeping()
        assert await world.absences() == {contact("p0"): {"a"}}

    async def test_lapsed_reports_go_and_the_link_to_their_source_stays(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.reports(P0, "busy")
        world.clock.pass_(2 * HOUR)
        await world.intake.housekeeping()
        assert await world.facts("presence") == {}
        assert set(await world.facts("link")) == {f"link/{contact('p0')}/switchboard"}

    async def test_the_past_of_a_calendar_goes(self, world: World) -> None:
        await world.take("ldap", people(1))
        await world.take("calendars", [Person(alias=P0, calendar=busy(9, 10, day="2026-11-23"))])
        world.clock.pass_(2 * DAY)
        await world.intake.housekeeping()
        found = await world.get(Calendar, "calendar", contact("p0"), "calendars")
        assert found == Calendar()

    async def test_it_has_nothing_to_do_twice(self, world: World) -> None:
        await world.take("ldap", people(3))
        await world.take("calendars", [Person(alias=P0, calendar=busy(9, 15, day="2026-11-23"))])
        await world.reports(P0, "busy")
        world.clock.pass_(2 * DAY)
        assert await world.intake.housekeeping() > 0
        assert await world.intake.housekeeping() == 0

    async def test_what_is_current_stays(self, world: World) -> None:
        await world.take("ldap", people(3))
        await world.take("hr", away([0]))
        await world.take("calendars", [Person(alias=P0, calendar=busy(9))])
        await world.reports(P0, "busy")
        before = await world.facts()
        await world.intake.housekeeping()
        assert await world.facts() == before

    async def test_a_report_that_is_renewed_meanwhile_is_not_lost(self, world: World) -> None:
        """Another process writes between the look and the removal: what it wrote stays."""
        await world.take("ldap", people(1))
        await world.reports(P0, "busy")
        world.clock.pass_(2 * HOUR)
        other = world.another(store=Wrapped(world.store, deaf=True))
        await other.holds()  # it has read the store, and hears nothing of what comes
        await world.reports(P0, "busy")
        await other.housekeeping()
        assert len(await world.facts("presence")) == 1
