"""The main job, end to end: a real browser, a real directory, real calendars over HTTP, a real service; only time is moved.

The scenes follow one another over two days, as the clock only goes forward; each one sets up what it needs itself.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import parsedate_to_datetime

import pytest
from playwright.sync_api import Browser, sync_playwright

from presence.domain.directory import public_id
from tests.journeys import municipality
from tests.journeys.municipality import CALENDAR_LIMIT, CENTRE_MAIL, CENTRE_TELEPHONE, HR_TOKEN
from tests.journeys.service import Service, service, until
from tests.journeys.visitors import Visitors, another_site, type_and_find
from tests.servers import need
from tests.servers.origin import Origin, origin
from tests.servers.slapd import identity, people, person, slapd

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

NAME, TELEPHONE, MAIL = "Vanja Ekström", "+4619200000", "u00000@kommun.example"
ALIAS = "employee:100000"
OTHER, MARKED = "Ture Kronvall", "Disa Skyddad"


class Town:
    """The service with all that it reads from."""

    def __init__(self, running: Service, calendars: Origin, origin_ends: ExitStack) -> None:
        self.service = running
        self.calendars = calendars
        self._origin_ends = origin_ends

    def heartbeat(self) -> None:
        assert self.service.put("/v1/sources/hr/heartbeat", HR_TOKEN, {}).status == 204

    def leave(self, start: str, end: str) -> None:
        document = {"start": start, "end": end}
        assert self.service.put(f"/v1/sources/hr/people/{ALIAS}/absences/1", HR_TOKEN, document).status == 204

    def no_leave(self) -> None:
        path = f"/v1/sources/hr/people/{ALIAS}/absences/1"
        assert self.service.get(path, "DELETE", Authorization=f"Bearer {HR_TOKEN}").status == 204

    def go(self, contact: str, kind: str) -> tuple[int, str]:
        answer = self.service.get(f"/go/{contact}/{kind}")
        return answer.status, answer.headers["location"]

    def fresh(self) -> None:
        """Every source was read within the last seconds."""
        until(lambda: all(self.age(name) < 5 for name in ("directory", "calendars")), "the sources are read")

    def age(self, source: str) -> float:
        told = self.service.sources().get(source, {})
        return float(told["age"]) if told.get("age") is not None and not told.get("failing_for") else float("inf")

    def calendars_end(self) -> None:
        self._origin_ends.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's own; playwright only drives it. For this module only, since no other event loop runs beside it."""
    path = need("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    ldif = people(40).replace(person(0), person(0, displayName=NAME)).replace(person(2), person(2, displayName=OTHER))
    ldif = ldif.replace(person(1), person(1, displayName=MARKED, employeeType="SKYDDAD"))
    with ExitStack() as stack:
        ldap = stack.enter_context(slapd(folder / "slapd", ldif))
        ends = stack.enter_context(ExitStack())
        web = ends.enter_context(origin(folder / "calendars"))
        web.put("u00000.ics", municipality.calendar(("2026-11-23T10:00", "2026-11-23T10:30")))
        web.put("u00002.ics", municipality.calendar())

        def configuration(running: Service) -> str:
            marks = '\n[sources.directory.marks]\nattribute = "employeeType"\nvalues = ["SKYDDAD"]\n'
            sources = municipality.directory(ldap, ldap.port) + marks, municipality.calendars(web, "u00000", "u00002")
            return municipality.configuration(running, *sources, municipality.leave(running.folder), protected=["directory"])

        running = stack.enter_context(service(folder / "service", configuration, "2026-11-23 09:20"))
        made = Town(running, web, ends)
        made.heartbeat()
        yield made


@pytest.fixture(scope="module")
def visitors(town: Town, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """On the pages of Vanja, at half past nine."""
    contact = town.service.find("Vanja")
    until(lambda: town.service.status(contact) == "available", "the sources are read")
    with another_site(tmp_path_factory.mktemp("site") / "web", town.service, contact, NAME) as site:
        yield Visitors(town.service, site, chromium, contact)


def watched(town: Town, visitors: Visitors, ends: float) -> list[str]:
    """Each status from shortly before the evidence ends to shortly after, asked for in every second, and so in every tick.

    Whatever says "available" expires before that instant (to the second, in which a source's age is told), and it does not
    come back.
    """
    service, seen = town.service, list[str]()
    for moment in range(-6, 5):
        visitors.at(max(ends + moment, service.now))
        for _ in range(4):
            answer = service.get(f"/v1/contacts/{visitors.contact}")
            status = answer.data["availability"]["status"]
            expires = parsedate_to_datetime(answer.headers["expires"]).timestamp()
            assert status == "unknown" or (status == "available" and expires <= ends + 1), (status, expires - ends)
            seen += [status] if seen[-1:] != [status] else []
            time.sleep(0.05)
    assert len(seen) <= 2, seen
    return seen


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_visitor_types_a_name_finds_the_person_and_sees_available(town: Town, chromium: Browser, script: bool) -> None:
    contact = town.service.find("Vanja")
    until(lambda: town.service.status(contact) == "available", "the sources are read")
    page = chromium.new_page(locale="sv-SE", java_script_enabled=script)
    type_and_find(page, town.service.address, "vanja eks", NAME)
    assert page.locator("presence-contact [data-presence]").first.get_attribute("data-status") == "available"
    assert page.locator("[data-referral] a.act").first.get_attribute("href") == f"{town.service.address}/go/{contact}/telephone"
    assert town.go(contact, "telephone") == (303, f"tel:{TELEPHONE}")
    page.close()


def test_a_protected_person_is_as_unknown_as_nobody_though_the_directory_has_her(town: Town) -> None:
    town.fresh()
    assert NAME in town.service.hits(NAME).values()
    for words in (MARKED, "Disa", "019-200001", "0001"):
        assert MARKED not in town.service.hits(words).values()
    own = public_id((town.service.folder / "installation.key").read_bytes(), identity(1))
    answers = [town.service.get(f"/v1/contacts/{contact}") for contact in (own, own[::-1])]
    assert (answers[0].status, answers[0].body) == (404, answers[1].body)


def test_the_open_page_turns_busy_by_itself_when_the_meeting_starts_and_the_centre_is_offered(
    town: Town, visitors: Visitors
) -> None:
    visitors.at("2026-11-23 09:59:25")
    town.fresh()
    visitors.see("available")
    visitors.seen()
    visitors.at("2026-11-23 10:00:40")
    visitors.see("busy", "10.30", "Servicecenter")
    assert {(changes[-1], "available" in changes) for changes in visitors.seen().values()} == {("busy", False)}
    assert visitors.first_step().startswith("Servicecenter")
    assert town.go(visitors.contact, "telephone") == (303, f"tel:{CENTRE_TELEPHONE}")
    assert town.go(visitors.contact, "e-mail") == (303, f"mailto:{MAIL}")


def test_the_open_page_turns_available_again_when_the_meeting_is_over(town: Town, visitors: Visitors) -> None:
    visitors.at("2026-11-23 10:30:10")
    town.fresh()
    visitors.see("available")
    assert town.go(visitors.contact, "telephone") == (303, f"tel:{TELEPHONE}")


def test_leave_for_an_hour_sends_calls_to_the_centre_and_leaves_mail_alone(town: Town, visitors: Visitors) -> None:
    visitors.at("2026-11-23 10:40")
    town.leave("2026-11-23T10:30:00+01:00", "2026-11-23T12:00:00+01:00")
    visitors.see("away", "12.00", "Servicecenter")
    assert town.go(visitors.contact, "telephone") == (303, f"tel:{CENTRE_TELEPHONE}")
    assert town.go(visitors.contact, "e-mail") == (303, f"mailto:{MAIL}")


def test_leave_for_weeks_sends_mail_to_the_centre_too_and_tells_no_date(town: Town, visitors: Visitors) -> None:
    visitors.at("2026-11-23 11:00")
    town.leave("2026-11-23", "2026-12-11")
    visitors.see("away", "Servicecenter")
    until(lambda: town.go(visitors.contact, "e-mail") == (303, f"mailto:{CENTRE_MAIL}"), "mail goes to the centre")
    assert town.go(visitors.contact, "telephone") == (303, f"tel:{CENTRE_TELEPHONE}")
    assert "until" not in town.service.contact(visitors.contact)["availability"]


def test_when_the_centre_closes_the_text_says_when_it_opens(town: Town, visitors: Visitors) -> None:
    visitors.at("2026-11-23 16:29")
    town.leave("2026-11-23", "2026-12-11")
    visitors.see("away", "öppet till 16.30")
    visitors.at("2026-11-23 16:31")
    until(lambda: not town.service.get("/v1/centre").data["open"], "the centre has closed")
    visitors.see("away", "öppnar i morgon 7.30")
    status, leads = town.go(visitors.contact, "telephone")
    assert (status, leads) == (303, f"{town.service.address}/go/{visitors.contact}/telephone/steps")
    assert "7.30" in town.service.get(leads.removeprefix(town.service.address)).body.decode()


def test_when_a_calendar_cannot_be_read_its_owner_alone_is_unknown_at_the_limit(town: Town, visitors: Visitors) -> None:
    other = town.service.find(OTHER)
    visitors.at("2026-11-24 08:30")
    town.heartbeat()
    town.no_leave()
    town.fresh()
    visitors.see("available")
    town.calendars.fault("u00000.ics", "status", status=500)
    seen = watched(town, visitors, town.service.now + CALENDAR_LIMIT)
    town.calendars.mend("u00000.ics")
    town.fresh()
    assert (seen[0], seen[-1]) == ("available", "unknown")
    assert town.service.status(other) == "available"
    until(lambda: town.service.status(visitors.contact) == "available", "the calendar is read again")


def test_when_the_calendars_die_she_becomes_unknown_at_the_limit_and_is_never_available_after(
    town: Town, visitors: Visitors
) -> None:
    visitors.at("2026-11-24 10:00")
    town.heartbeat()
    town.no_leave()
    town.fresh()
    visitors.see("available")
    town.calendars_end()
    until(lambda: "failing_for" in town.service.sources()["calendars"], "the loss is noticed")
    told = town.service.sources()["calendars"]
    ends = town.service.now - told["age"] + CALENDAR_LIMIT
    seen = watched(town, visitors, ends)
    assert (seen[0], seen[-1]) == ("available", "unknown")
    visitors.seen()
    visitors.at(ends + 30)
    visitors.see("unknown", "Servicecenter")
    for hour in ("11:00", "13:30", "15:59"):
        visitors.at(f"2026-11-24 {hour}")
        town.heartbeat()
        visitors.see("unknown", "Servicecenter")
    assert all("available" not in changes for changes in visitors.seen().values())
    assert visitors.first_step().startswith("Servicecenter")
    assert town.go(visitors.contact, "telephone") == (303, f"tel:{CENTRE_TELEPHONE}")
    visitors.at("2026-11-24 17:00:30")
    visitors.see("closed")
