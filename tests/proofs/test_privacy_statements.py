"""What docs/privacy.md promises, as far as no other file of tests is about it alone."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from presence.domain import facts
from presence.domain.facts import Fact, SourceHealth, SourceKind, key
from presence.domain.intervals import Status
from tests.web.service import Service, contact_id, serving, unit_id
from tests.web.town import (
    ANNA,
    BUILDING,
    LASTING,
    TOKENS,
    at,
    identity,
    person,
    unit_entry,
    write_calendar,
    write_town,
)

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
PRESENCE = "/v1/sources/switchboard/people/ext:101/presence"
ROUTES = (
    *(f"/v1/contacts/{ANNA}", f"/v1/contacts/{ANNA}.html", f"/contacts/{ANNA}", f"/embed/{ANNA}", f"/v1/contacts?ids={ANNA}"),
    *("/v1/centre", f"/v1/units/{BUILDING}", "/v1/topics/bygglov", f"/go/{ANNA}/telephone", "/v1/contacts?q=anna"),
)


async def sent(service: Service) -> dict[str, object]:
    """Every public answer: status, headers with the ETag, body."""
    return {target: await service.get(target) for target in ROUTES}


async def test_a_change_from_one_kind_of_absence_to_another_changes_no_public_byte(fresh: Service) -> None:
    """P3: sick leave that becomes holiday, sent anew by the same source, by another, and as another shape."""
    leave = {"start": "2026-11-23T08:00:00+01:00", "end": "2026-11-23T15:00:00+01:00"}
    await fresh.put("/v1/sources/hr/people/employee:101/absences/sick", leave, token=TOKENS["hr"])
    fresh.turn(at("2026-11-23 09:05"))
    before = await sent(fresh)
    await fresh.put("/v1/sources/replies/people/employee:101/absences/holiday", leave, token=TOKENS["replies"])
    await fresh.put("/v1/sources/hr/people/employee:101/absences/sick", {**leave, "extent": 0.5}, token=TOKENS["hr"])
    await fresh.put("/v1/sources/hr/people/employee:101/absences/course", {**leave, "extent": 0.5}, token=TOKENS["hr"])
    for second in range(0, 30, 3):
        fresh.turn(at("2026-11-23 09:05") + second)
        assert await sent(fresh) == before


def test_a_fact_has_no_field_for_a_reason() -> None:
    """P5: what a connector can hand on of somebody's time is a status, times and who stands in."""
    assert set(get_args(facts.Report)) == {"available", "busy", "idle", "offline", "away"}
    assert {status.value for status in Status} == {"available", "busy", "away", "closed", "unknown"}
    assert {name: fields(name) for name in ("Absence", "Presence", "Calendar", "Override")} == {
        "Absence": {"start", "end", "first", "last", "extent", "employment", "share", "deputy", "since", "ok_until"},
        "Presence": {"status", "start", "end", "seq"},
        "Calendar": {"intervals", "ok_until", "eventful", "emptied", "hours", "window"},
        "Override": {"status", "start", "end", "set_at", "deputy"},
    }


def fields(name: str) -> set[str]:
    return {field.name for field in msgspec.structs.fields(getattr(facts, name))}


async def test_live_state_changes_for_the_public_at_ticks_only(fresh: Service) -> None:
    """P9: asked every second for four minutes, in which somebody takes up and puts down a telephone at odd moments."""
    odd = {13: "busy", 47: "available", 71: "busy", 122: "available", 148: "busy", 151: "available", 207: "busy"}
    begin = at("2026-11-23 09:02")
    seen: list[tuple[int, bytes]] = []
    for second in range(240):
        fresh.turn(begin + second)
        if second in odd:
            await fresh.put(PRESENCE, {"status": odd[second], "lease": 300}, token=TOKENS["switchboard"])
        seen.append((second, (await fresh.get(f"/v1/contacts/{ANNA}")).body))
    changes = [second for (_, before), (second, after) in pairwise(seen) if before != after]
    assert len(changes) >= 4
    assert [second for second in changes if second % 30] == []


async def test_which_source_has_failed_is_not_to_be_seen(fresh: Service) -> None:
    """P20: with a dead calendar, switchboard or chat alike, whoever is linked to all three is unknown, in the same words.

    Where else to turn depends on the others, of whom not all are linked to the same sources.
    """
    for source, alias in (("switchboard", "ext:101"), ("chat", "mail:anna@example.se")):
        document = {"status": "available", "lease": 300}
        await fresh.put(f"/v1/sources/{source}/people/{alias}/presence", document, token=TOKENS[source])
    kinds: dict[str, SourceKind] = {"calendars": "calendar", "switchboard": "presence", "chat": "presence"}
    answers = {}
    for minute, dead in enumerate(kinds, 10):
        well = at("2026-11-23 18:00")
        await fresh.say(
            Fact(key("source", name), SourceHealth(kind, ok_at=1, ok_until=2 if name == dead else well))
            for name, kind in kinds.items()
        )
        fresh.turn(at(f"2026-11-23 09:{minute}"))
        answers[dead] = (await fresh.get(f"/v1/contacts/{ANNA}")).json()
    told = [{name: value for name, value in answer.items() if name != "referral"} for answer in answers.values()]
    assert told[0]["availability"]["status"] == "unknown"
    assert told == [told[0]] * len(kinds)
    assert all(answer["referral"]["steps"][0]["to"] == "centre" for answer in answers.values())


async def test_a_town_with_somebody_hidden_in_it_is_the_town_without(tmp_path: Path) -> None:
    """P11: whoever is protected is deputy, handler of a topic, service point, and the only one of a unit; it shows nowhere."""
    answers = []
    for folder, people in ((tmp_path / "with", {**STANDING, "dold": HIDDEN}), (tmp_path / "without", STANDING)):
        write_town(folder, LASTING + ROLES_OF_DOLD, people)
        write_calendar(folder, "dold")
        with (folder / "people.ldif").open("a", encoding="utf-8") as file:
            file.write("\n" + unit_entry("Hamnen") + "\n")
        async with serving(folder, at("2026-11-23 09:00")) as service:
            await service.feed("people", "calendars")
            leave = {"start": "2026-11-23", "end": "2026-11-23"}
            await service.put("/v1/sources/hr/people/employee:101/absences/1", leave, token=TOKENS["hr"])
            service.turn(at("2026-11-23 09:05"))
            answers.append({target: await service.get(target) for target in ROUTES_AROUND})
            assert (DOLD in service.board.now.states) is ("dold" in people)
    assert answers[0] == answers[1]
    assert answers[0][f"/v1/contacts/{ANNA}"].json()["availability"]["status"] == "away"
    assert [answers[0][target].status for target in (f"/v1/contacts/{DOLD}", f"/v1/units/{HARBOUR}")] == [404, 404]


DOLD = contact_id(identity(177))
HARBOUR = unit_id("dn:ou=hamnen,dc=example,dc=se")
HIDDEN = person("Dold Ek", 177, "Hamnen", "employeeType: skyddad")
STANDING = {
    "anna": person("Anna Åström", 101, "Stadsbyggnad", "secretary: uid=dold,ou=Hamnen,dc=example,dc=se"),
    "bo": person("Bo Ek", 102, "Stadsbyggnad"),
}
ROLES_OF_DOLD = """
[topics.bryggor]
name = "Bryggor"
contacts = ["mail:dold@example.se"]
units = ["Hamnen"]
[units.byggservice]
name = "Byggservice"
service_point = "mail:dold@example.se"
"""
ROUTES_AROUND = (
    *(f"/v1/contacts/{c}{form}" for c in (ANNA, DOLD) for form in ("", ".html", ".vcf", "?topic=bryggor")),
    *(f"/{kind}/{c}" for kind in ("contacts", "embed") for c in (ANNA, DOLD)),
    *(f"/go/{c}/{channel}" for c in (ANNA, DOLD) for channel in ("telephone", "e-mail", "telephone/steps")),
    *(
        f"/v1/contacts?{asked}"
        for asked in ("q=dold", "q=ek", "q=hamnen", "q=bryggor", "q=177", f"ids={DOLD}", f"ids={ANNA},{DOLD}")
    ),
    *("/?q=dold", "/?q=hamnen", "/v1/topics/bryggor", "/topics/bryggor", "/v1/topics/bygglov"),
    *(f"{prefix}/units/{unit}" for prefix in ("", "/v1") for unit in (HARBOUR, BUILDING, unit_id("byggservice"))),
)


def test_each_statement_of_the_documentation_names_tests_that_exist() -> None:
    page = (ROOT / "docs/privacy.md").read_text("utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page))
    assert len(named) >= 15
    assert [f"{file}::{test}" for file, test in named if test not in named_in(file)] == []


def named_in(file: str) -> Iterator[str]:
    return iter(re.findall(r"def (test_\w+)", (ROOT / file).read_text("utf-8")))
