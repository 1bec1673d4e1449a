"""What each component, property and value says about "can this person be reached"."""

import re
from pathlib import Path

import pytest

from connectors.calendars import Policy, Says
from connectors.calendars.meaning import TABLE

from .given import calendar, event, reading, shown

DOCS = Path(__file__).parents[3] / "docs" / "calendars.md"
NINE = ["01-05 09:00/10:00"]


def says(data: bytes, **more: object) -> Says:
    found = reading(data, **more)  # type: ignore[arg-type]
    for name in (Says.BUSY, Says.TENTATIVE, Says.UNAVAILABLE):
        if shown(getattr(found, name.value)) == NINE:
            return name
    assert [*found.busy, *found.tentative, *found.unavailable] == []
    return Says.NOTHING


def test_the_table_in_the_documentation_is_the_table_in_the_code() -> None:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in DOCS.read_text("utf-8").split("<!-- table -->")[1].splitlines()
        if line.startswith("| ")
    ][2:]
    assert rows == [
        (row.component, row.property, row.value, row.says.value if row.says else "(the next row decides)", row.note)
        for row in TABLE
    ]


@pytest.mark.parametrize("row", [r for r in TABLE if r.component == "VEVENT" and r.property in ("STATUS", "TRANSP")], ids=str)
def test_a_property_says_what_its_row_says(row: object) -> None:
    line = f"{row.property}:{row.value}"  # type: ignore[attr-defined]
    assert says(calendar(event(line))) == (row.says or Says.BUSY)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "said"),
    [("FREE", "nothing"), ("TENTATIVE", "tentative"), ("BUSY", "busy"), ("OOF", "unavailable"), ("WORKINGELSEWHERE", "nothing")],
)
def test_the_busy_status_of_exchange_decides(value: str, said: str) -> None:
    assert says(calendar(event(f"X-MICROSOFT-CDO-BUSYSTATUS:{value}"))) == said


def test_the_busy_status_goes_before_transparency() -> None:
    assert says(calendar(event("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"))) == Says.UNAVAILABLE
    assert says(calendar(event("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"))) == Says.NOTHING


def test_the_intended_status_says_nothing() -> None:
    lines = ("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY")
    assert says(calendar(event(*lines))) == Says.NOTHING


@pytest.mark.parametrize("method", ["CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"])
def test_a_message_about_a_meeting_is_not_a_meeting(method: str) -> None:
    assert says(calendar(event(), method=method)) == Says.NOTHING


@pytest.mark.parametrize("method", ["", "PUBLISH", "REQUEST", "ADD"])
def test_other_methods_are_contents(method: str) -> None:
    assert says(calendar(event(), method=method)) == Says.BUSY


ME = "mailto:Eva.Ek@example.se"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("ACCEPTED", "busy"),
        ("DECLINED", "nothing"),
        ("DELEGATED", "nothing"),
        ("TENTATIVE", "tentative"),
        ("NEEDS-ACTION", "tentative"),
    ],
)
def test_the_answer_of_the_owner_counts(status: str, said: str) -> None:
    invited = calendar(event(f'ATTENDEE;CN="Ek, Eva: chef";PARTSTAT={status};RSVP=TRUE\n :{ME}'))
    assert says(invited, owner=["eva.ek@example.se"]) == said


def test_the_answer_of_somebody_else_does_not_count() -> None:
    invited = calendar(event("ATTENDEE;PARTSTAT=DECLINED:mailto:bo@example.se", f"ATTENDEE;PARTSTAT=ACCEPTED:{ME}"))
    assert says(invited, owner=["eva.ek@example.se"]) == Says.BUSY
    assert says(calendar(event(f"ATTENDEE;PARTSTAT=DECLINED:{ME}"))) == Says.BUSY


def test_an_address_within_another_is_not_the_owner() -> None:
    invited = calendar(event("ATTENDEE;PARTSTAT=DECLINED:mailto:eva.ek@example.se.example.org"))
    assert says(invited, owner=["eva.ek@example.se"]) == Says.BUSY


def test_the_address_may_stand_in_the_email_parameter() -> None:
    invited = calendar(event("ATTENDEE;EMAIL=eva.ek@example.se;PARTSTAT=DECLINED:urn:uuid:1234"))
    assert says(invited, owner=["eva.ek@example.se"]) == Says.NOTHING


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'ATTENDEE;CN="Foo;PARTSTAT=DECLINED";PARTSTAT=ACCEPTED:{ME}', "busy"),
        (f'ATTENDEE;CN="Foo;PARTSTAT=ACCEPTED";partstat=declined:{ME}', "nothing"),
        ("ATTENDEE;Email=Eva.Ek@example.se;PARTSTAT=DECLINED:urn:uuid:1234", "nothing"),
        ('ATTENDEE;EMAIL="mailto:eva.ek@example.se";PARTSTAT="DECLINED":urn:uuid:1234', "nothing"),
        ('ATTENDEE;CN=";EMAIL=eva.ek@example.se";PARTSTAT=DECLINED:urn:uuid:1234', "busy"),
    ],
)
def test_an_answer_is_no_part_of_a_quoted_name_and_its_name_has_no_case(line: str, said: str) -> None:
    assert says(calendar(event(line)), owner=["eva.ek@example.se"]) == said


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("ACCEPTED", "NEEDS-ACTION"), "busy"),
        (("ACCEPTED", "DECLINED"), "busy"),
        (("TENTATIVE", "DECLINED"), "tentative"),
        (("NEEDS-ACTION", "DELEGATED"), "tentative"),
    ],
)
def test_of_two_answers_of_the_owner_the_weightier_counts(answers: tuple[str, str], said: str, order: int) -> None:
    lines = [f"ATTENDEE;PARTSTAT={answer}:{ME}" for answer in answers][::order]
    assert says(calendar(event(*lines)), owner=["eva.ek@example.se"]) == said


def test_an_unanswered_invitation_says_what_the_source_is_told() -> None:
    invited = calendar(event(f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}"))
    assert says(invited, owner=["eva.ek@example.se"], policy=Policy(needs_action=Says.NOTHING)) == Says.NOTHING


def test_an_event_without_length_is_an_occurrence_but_never_busy() -> None:
    found = reading(calendar(event(end="")))
    assert len(found.occurrences) == 1
    assert not found.busy


@pytest.mark.parametrize("mark", ["PRIVATE", "CONFIDENTIAL", "PUBLIC"])
def test_a_private_event_counts_as_any_other(mark: str) -> None:
    assert says(calendar(event(f"CLASS:{mark}"))) == Says.BUSY


CODES = Policy(codes={"LUN:": Says.UNAVAILABLE, "LUN;": Says.NOTHING, "MÖT:": Says.BUSY})


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("LUN: åter 13", "unavailable"),
        ("LUN; åter 13", "nothing"),
        ("lun:", "unavailable"),
        ("MÖT: x", "busy"),
        ("LUNCH", "busy"),
        ("LUN\\; åter 13", "nothing"),
        ("MÖT\\;", "busy"),
        ("  LUN: åter 13", "unavailable"),
        ("L\\UN:", "busy"),
        ("LUN\\\\;", "busy"),
        ("", "busy"),
    ],
)
def test_a_referral_code_opens_the_subject(subject: str, said: str) -> None:
    assert says(calendar(event(f"SUMMARY;LANGUAGE=sv:{subject}")), policy=CODES) == said


def test_four_characters_of_a_subject_are_read_and_no_more() -> None:
    from connectors.calendars.model import BOUNDS
    from connectors.calendars.scan import scan

    for subject, code in (("LUN\\;kanariefågel", "LUN;"), (" åäö€x", "ÅÄÖ€"), ("a\\,\\\\b\\;c", "A,\\B")):
        [component] = scan(calendar(event(f"SUMMARY:{subject}")), BOUNDS, codes=True).components
        assert component.code == code


def test_referral_codes_are_off_by_default() -> None:
    assert says(calendar(event("SUMMARY:LUN;"))) == Says.BUSY


FREE_BUSY = """BEGIN:VFREEBUSY
UID:f
FREEBUSY;FBTYPE="BUSY-TENTATIVE":20260105T080000Z/PT30M
FREEBUSY;FBTYPE=FREE:20260105T090000Z/PT30M
FREEBUSY:20260105T100000Z/20260105T110000Z,20260105T110000Z/PT1H
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260105T130000Z/PT1H
FREEBUSY;FBTYPE=X-SOMETHING:20260105T150000Z/PT1H
END:VFREEBUSY"""


@pytest.mark.parametrize("method", ["", "REPLY"])
def test_free_busy_periods_count_by_their_type(method: str) -> None:
    found = reading(calendar(FREE_BUSY, method=method))
    assert shown(found.busy) == ["01-05 10:00/12:00", "01-05 15:00/16:00"]
    assert shown(found.tentative) == ["01-05 08:00/08:30"]
    assert shown(found.unavailable) == ["01-05 13:00/14:00"]


@pytest.mark.parametrize("bad", ["x", "20260105T120000Z", "20260105T120000Z/20260105T110000Z", "20260105T120000Z/x"])
def test_a_period_that_cannot_be_read_costs_no_other_and_the_span_is_doubtful(bad: str) -> None:
    span = "DTSTART:20260105T000000Z\nDTEND:20260106T000000Z"
    lines = f"BEGIN:VFREEBUSY\n{span}\nFREEBUSY:20260105T080000Z/PT1H,{bad},20260105T140000Z/PT1H\nEND:VFREEBUSY"
    found = reading(calendar(lines))
    assert shown(found.busy) == ["01-05 08:00/09:00", "01-05 14:00/15:00"]
    assert (shown(found.doubtful), found.unbounded, len(found.skipped)) == (["01-05 00:00/01-06 00:00"], False, 1)
    assert reading(calendar(lines.replace(span + "\n", ""))).unbounded
    assert not reading(calendar(lines.replace("FREEBUSY:2", "FREEBUSY;FBTYPE=FREE:2"))).skipped


def office(kind: str, priority: int, first: str, last: str, *hours: str) -> str:
    inner = [f"BEGIN:AVAILABLE\nUID:{i}\n{lines}\nEND:AVAILABLE" for i, lines in enumerate(hours)]
    head = ["BEGIN:VAVAILABILITY", f"DTSTART:{first}", f"DTEND:{last}", f"PRIORITY:{priority}", f"BUSYTYPE:{kind}"]
    return "\n".join([*head, *inner, "END:VAVAILABILITY"])


MORNINGS = "DTSTART:20260105T080000Z\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU"


def test_outside_the_available_hours_the_person_is_unavailable() -> None:
    found = reading(calendar(office("BUSY-UNAVAILABLE", 0, "20260105T000000Z", "20260107T000000Z", MORNINGS)))
    assert shown(found.unavailable) == ["01-05 00:00/08:00", "01-05 12:00/01-06 08:00", "01-06 12:00/01-07 00:00"]


@pytest.mark.parametrize(("rank", "free"), [(1, True), (5, False)])
def test_the_availability_of_the_higher_priority_covers_the_lower(rank: int, free: bool) -> None:
    week = office("BUSY", rank, "20260105T000000Z", "20260106T000000Z", MORNINGS)
    leave = office("BUSY-UNAVAILABLE", 3, "20260105T000000Z", "20260106T000000Z")
    found = reading(calendar(week, leave))
    assert shown(found.busy) == (["01-05 00:00/08:00", "01-05 12:00/01-06 00:00"] if free else [])
    assert shown(found.unavailable) == ([] if free else ["01-05 00:00/01-06 00:00"])


AFTERNOONS = "DTSTART:20260105T130000Z\nDURATION:PT4H\nRRULE:FREQ=WEEKLY;BYDAY=MO"


@pytest.mark.parametrize("order", [1, -1])
def test_schedules_of_one_priority_add_up_and_a_time_off_covers_them(order: int) -> None:
    day = "20260105T000000Z", "20260106T000000Z"
    both = [office("BUSY-UNAVAILABLE", 0, *day, hours) for hours in (MORNINGS, AFTERNOONS)][::order]
    assert shown(reading(calendar(*both)).unavailable) == ["01-05 00:00/08:00", "01-05 12:00/13:00", "01-05 17:00/01-06 00:00"]
    off = office("BUSY-UNAVAILABLE", 0, "20260105T100000Z", "20260105T150000Z")
    found = reading(calendar(*[off, *both][::order]))
    assert shown(found.unavailable) == ["01-05 00:00/08:00", "01-05 10:00/15:00", "01-05 17:00/01-06 00:00"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_versions_of_working_hours_the_later_counts(order: int) -> None:
    day = "20260105T000000Z", "20260106T000000Z"
    hours = [office("BUSY-UNAVAILABLE", 0, *day, part) for part in (MORNINGS, AFTERNOONS)]
    versions = [part.replace("DTSTART", f"UID:v\nSEQUENCE:{n}\nDTSTART", 1) for n, part in enumerate(hours)]
    found = reading(calendar(*versions[::order]))
    assert shown(found.unavailable) == ["01-05 00:00/13:00", "01-05 17:00/01-06 00:00"]
    assert [item.reason for item in found.skipped] == ["a later version of the event is there too, and counts"]
    same = [part.replace("SEQUENCE:1", "SEQUENCE:0") for part in versions]
    assert shown(reading(calendar(*same)).unavailable) == ["01-05 00:00/08:00", "01-05 12:00/13:00", "01-05 17:00/01-06 00:00"]


def test_a_meeting_is_laid_over_the_hours() -> None:
    hours = office("BUSY-UNAVAILABLE", 0, "20260105T000000Z", "20260106T000000Z", MORNINGS)
    found = reading(calendar(hours, event(end="DURATION:PT5H")))
    assert shown(found.busy) == ["01-05 09:00/14:00"]
    assert shown(found.unavailable) == ["01-05 00:00/08:00", "01-05 14:00/01-06 00:00"]


def test_tentative_does_not_hide_that_somebody_is_unavailable() -> None:
    hours = office("BUSY-UNAVAILABLE", 0, "20260105T000000Z", "20260105T100000Z")
    found = reading(calendar(hours, event("STATUS:TENTATIVE")))
    assert shown(found.unavailable) == ["01-05 00:00/10:00"]


def test_tasks_and_journals_are_not_read() -> None:
    other = event().replace("VEVENT", "VTODO"), event().replace("VEVENT", "VJOURNAL")
    found = reading(calendar(*other))
    assert not found.occurrences


CANARY = "kanariefagel"
BAIT = (
    f"SUMMARY:{CANARY}",
    f"DESCRIPTION:{CANARY}\n {CANARY}",
    f"LOCATION:{CANARY}",
    f"CATEGORIES:{CANARY}",
    f"COMMENT:{CANARY}",
    f"CONTACT:{CANARY}",
    f"X-ALT-DESC:{CANARY}",
    f"ATTENDEE;CN={CANARY};PARTSTAT=ACCEPTED:mailto:{CANARY}@example.se",
    f"ORGANIZER;CN={CANARY}:mailto:{CANARY}@example.se",
    f"BEGIN:VALARM\nTRIGGER:-PT5M\nDESCRIPTION:{CANARY}\nEND:VALARM",
)


@pytest.mark.parametrize("broken", [(), ("RRULE:FREQ=NEVER",), ("DTSTART:x",), (f"UID:{CANARY} och mer",), (f"RRULE:{CANARY}",)])
def test_no_private_word_leaves_the_reader(broken: tuple[str, ...]) -> None:
    from connectors.calendars.fast import apart
    from connectors.calendars.model import BOUNDS, PLAIN
    from connectors.calendars.scan import scan

    start = "" if any(line.startswith("DTSTART") for line in broken) else "DTSTART:20260105T090000Z"
    data = calendar(event(*broken, *BAIT, start=start, uid=f"{CANARY} åäö"))
    found = reading(data, owner=["eva.ek@example.se"])
    assert CANARY not in repr(found)
    if not broken:
        taken = apart(data, BOUNDS, frozenset(), PLAIN)
        scanned = re.sub(rf"UID.*?{CANARY} åäö", "", repr(scan(data, BOUNDS)))
        assert CANARY not in scanned
        assert taken is not None
        assert CANARY not in repr([block.plain for block in taken.blocks])
