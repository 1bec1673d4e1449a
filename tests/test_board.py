"""The board: the same facts give the same board; what the public sees moves with the tick."""

from random import Random

import msgspec
import pytest

from presence.board import Board
from presence.domain.facts import (
    Absence,
    AnyBody,
    Calendar,
    Checked,
    ContactRecord,
    Hidden,
    Marks,
    Override,
    Post,
    Presence,
    Queue,
    SourceHealth,
    Stored,
    UnitRecord,
    key,
)
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.rules import Rules, SourceRule

from .domain.world import NAMES, RULES, START, TICK, contact_bytes, followed, held, history, loaded, views

LATE = START + 3600  # every stamp of a history lies well before


class Wall:
    """A board with one contact on it; `tell` stamps facts as a store does."""

    def __init__(self) -> None:
        self.board = Board(RULES)
        self.number = 0
        self.snapshot: dict[str, Stored] = {}  # the newest fact of each key, as a store has it
        for name, rule in RULES.sources.items():
            self.tell(SourceHealth(rule.type, ok_until=FOREVER), name, stamp=START - 3600)
        record = ContactRecord(name="Anna", posts=(Post("", "kommun"),), aliases=("mail:anna@example.se",))
        self.tell(UnitRecord("kommun"), "kommun", "directory", stamp=START - 3600)
        self.tell(record, "anna", "directory", stamp=START - 3600)
        self.tell(Checked(), "anna", stamp=START - 3600)
        self.tell(Calendar(), "anna", "calendars", stamp=START - 3600)
        self.board.advance(START)

    def tell(self, body: AnyBody, *parts: str, stamp: Instant, remove: bool = False) -> Stored:
        self.number += 1
        fact = Stored(key(body.kind, *parts), self.number, stamp, None if remove else body)
        self.snapshot[fact.key] = fact
        self.changed = self.board.put(fact)
        return fact

    def public(self, tick: Instant) -> str:
        """The status that the public is shown, "nobody" where it must not know of her."""
        self.changed = self.board.advance(tick)
        enquiry = self.board.enquiry()
        contact = enquiry.public("anna")
        return enquiry.availability(contact).status if contact else "nobody"


# --- the same facts, the same board ---


@pytest.mark.parametrize("seed", range(8))
def test_the_same_facts_in_any_order_give_the_same_board(seed: int) -> None:
    facts = history(seed)
    shuffled = Random(seed).sample(facts, len(facts))
    boards = followed(facts, LATE), followed(shuffled, LATE), followed(reversed(facts), LATE)
    for picture in ("now", "public"):
        assert held(getattr(boards[0], picture)) == held(getattr(boards[1], picture)) == held(getattr(boards[2], picture))
    assert views(boards[0]) == views(boards[1]) == views(boards[2])


@pytest.mark.parametrize("seed", range(4))
def test_the_order_does_not_matter_at_a_tick_amid_the_facts(seed: int) -> None:
    """Some are shown, some wait."""
    facts = history(seed)
    tick = facts[len(facts) // 2].stamp // TICK * TICK
    boards = followed(facts, tick), followed(Random(seed).sample(facts, len(facts)), tick)
    assert held(boards[0].public) == held(boards[1].public)
    assert held(boards[0].public) != held(boards[0].now)
    assert views(boards[0]) == views(boards[1])


@pytest.mark.parametrize("seed", range(4))
def test_facts_told_twice_change_nothing(seed: int) -> None:
    facts = history(seed)
    once, twice = followed(facts, LATE), followed(facts, LATE)
    for fact in Random(seed).sample(facts, len(facts)):
        twice.put(fact)
    twice.advance(LATE + TICK)
    once.advance(LATE + TICK)
    assert held(once.now) == held(twice.now)
    assert held(once.public) == held(twice.public)
    assert views(once) == views(twice)


@pytest.mark.parametrize("seed", range(4))
def test_a_board_that_followed_and_one_that_read_a_snapshot_agree(seed: int) -> None:
    facts = history(seed)
    old = Board(RULES)
    for fact in facts:
        old.put(fact)
        old.advance(fact.stamp // TICK * TICK)
    for tick in range(facts[-1].stamp // TICK * TICK + 2 * TICK, LATE, 900):
        old.advance(tick)
        new = loaded(facts, tick)
        assert held(old.public) == held(new.public)
        assert views(old) == views(new)


def test_the_history_that_is_tried_shows_something() -> None:
    """Guards the tests above against a world in which nobody is ever public."""
    shown = views(followed(history(1), LATE))
    assert sum(shown[f"sv  {name}"] != b"null" for name in NAMES) >= 4
    assert len({shown[f"sv  {name}"].split(b'"availability"')[-1][:60] for name in NAMES}) >= 3


def test_a_tombstone_removes_and_an_older_fact_does_not_bring_back() -> None:
    wall = Wall()
    told = wall.tell(Absence(0, FOREVER), "anna", "hr", "1", stamp=START)
    wall.tell(Absence(), "anna", "hr", "1", stamp=START, remove=True)
    wall.board.put(told)
    assert [a.status for t in (START, START + TICK) if (a := wall.board.at("anna", t))] == ["available"] * 2
    assert wall.public(START + TICK) == "available"
    wall.board.put(told)
    assert wall.public(START + 2 * TICK) == "available"


def test_a_snapshot_takes_the_place_of_all_that_was_held() -> None:
    wall = Wall()
    wall.tell(Absence(0, FOREVER), "anna", "hr", "1", stamp=START)
    wall.board.load([Stored("unit/kommun/directory", 1, START, UnitRecord("kommun"))], START)
    assert wall.board.at("anna", START) is None
    assert wall.public(START + TICK) == "nobody"


def test_numbers_of_facts_that_are_gone_are_forgotten_after_a_day() -> None:
    wall = Wall()
    wall.tell(Override("busy", 0, 1, 0), "anna", "1", stamp=START)
    wall.tell(Override("busy", 0, 1, 0), "anna", "1", stamp=START, remove=True)
    wall.public(START + TICK)
    assert "override/anna/1" in wall.board._newest
    wall.public(START + 86400 + TICK)
    assert "override/anna/1" not in wall.board._newest | wall.board._shown


# --- the tick ---


@pytest.mark.parametrize("offset", range(-TICK - 3, TICK + 1))
def test_a_fact_is_shown_at_the_first_tick_that_lies_the_lag_after_its_stamp(offset: int) -> None:
    wall = Wall()
    stamp = START + 10 * TICK + offset
    wall.tell(Absence(0, FOREVER), "anna", "hr", "1", stamp=stamp)
    first = next(t for t in range(START, START + 20 * TICK, TICK) if stamp <= t - RULES.lag)
    assert [wall.public(t) for t in (first - TICK, first)] == ["available", "away"]


def test_at_one_tick_it_does_not_matter_when_a_fact_came() -> None:
    """Somebody who asks all the time learns no more than that it was within the tick."""
    seen = set()
    for stamp in range(START + TICK - 1, START + 2 * TICK - 1):
        wall = Wall()
        wall.public(START + TICK)
        wall.tell(Override("busy", stamp, stamp + 3600, stamp), "anna", "1", stamp=stamp)
        wall.public(START + 2 * TICK)
        seen.add(contact_bytes(wall.board.enquiry(), "anna").split(b'"until"')[0])
    assert len(seen) == 1


def test_staff_see_a_fact_at_once() -> None:
    wall = Wall()
    wall.tell(Absence(0, FOREVER), "anna", "hr", "1", stamp=START + 1)
    found = wall.board.at("anna", START + 1)
    assert found
    assert found.status is Status.AWAY


def test_a_tick_does_not_run_backwards() -> None:
    wall = Wall()
    wall.public(START + 5 * TICK)
    assert not wall.board.advance(START)
    assert wall.board.tick == START + 5 * TICK


HIDING: list[tuple[AnyBody, tuple[str, ...]]] = [
    (ContactRecord(hidden=True), ("anna", "staff")),
    (Marks(("mail:anna@example.se",)), ("register",)),
]


@pytest.mark.parametrize(("body", "parts"), HIDING)
def test_hiding_applies_at_once(body: AnyBody, parts: tuple[str, ...]) -> None:
    wall = Wall()
    assert wall.public(START + TICK) == "available"
    wall.tell(body, *parts, stamp=START + TICK + 20)
    assert wall.changed.contacts == {"anna"}
    assert [wall.public(START + n * TICK) for n in range(1, 5)] == ["nobody"] * 4


def test_whoever_gains_an_alias_that_is_marked_is_hidden_at_once() -> None:
    wall = Wall()
    wall.tell(Marks(("employee:7",)), "register", stamp=START)
    assert wall.public(START + TICK) == "available"
    wall.tell(ContactRecord(aliases=("employee:7",)), "anna", "staff", stamp=START + TICK)
    assert wall.public(START + TICK) == "nobody"


def test_showing_again_waits_for_the_tick() -> None:
    wall = Wall()
    wall.tell(ContactRecord(hidden=True), "anna", "staff", stamp=START)
    assert wall.public(START + TICK) == "nobody"
    wall.tell(ContactRecord(hidden=False), "anna", "staff", stamp=START + TICK)
    assert [wall.public(START + n * TICK) for n in (1, 2)] == ["nobody", "available"]


ENDING: dict[str, tuple[AnyBody, tuple[str, ...]]] = {
    "source": (SourceHealth("calendar"), ("calendars",)),
    "own feed": (Calendar(), ("anna", "calendars")),
    "lease": (Presence("available", START, 0), ("anna", "chat", "sip:a", "")),
    "word": (Override("available", START, 0, START), ("anna", "1")),
}


@pytest.mark.parametrize("what", ENDING)
@pytest.mark.parametrize("left", range(-1, TICK + 2))
def test_nobody_is_available_at_a_tick_on_evidence_that_ends_before_the_next(what: str, left: int) -> None:
    wall = Wall()
    body, parts = ENDING[what]
    tick = START + 10 * TICK
    ending = msgspec.structs.replace(body, **{"ok_until" if what in ("source", "own feed") else "end": tick + left})
    if what in ("lease", "word"):
        wall.tell(SourceHealth("calendar", ok_until=0), "calendars", stamp=START)
    wall.tell(ending, *parts, stamp=START)
    assert wall.public(tick) == ("available" if left >= TICK else "unknown")


@pytest.mark.parametrize("left", [1, TICK - 1, TICK])
def test_a_busy_lease_lasts_to_its_end(left: int) -> None:
    """Ended early, it would show somebody as free who is in a call, and tell a lease from a meeting."""
    wall = Wall()
    tick = START + 10 * TICK
    wall.tell(Presence("busy", START, tick + left), "anna", "chat", "sip:a", "", stamp=START)
    assert [wall.public(tick), wall.public(tick + TICK)] == ["busy", "available"]


def test_an_answer_at_a_tick_is_valid_past_that_tick() -> None:
    for seed in range(4):
        board = followed(history(seed), START)
        for tick in range(START, START + 3600, 10 * TICK):
            board.advance(tick)
            for name in NAMES:
                enquiry = board.enquiry()
                if contact := enquiry.public(name):
                    assert enquiry.availability(contact).valid_until > tick


# --- what a step changed ---


def test_a_step_tells_whom_it_changed() -> None:
    wall = Wall()
    wall.tell(Absence(0, FOREVER), "anna", "hr", "1", stamp=START)
    assert not wall.changed
    wall.public(START + TICK)
    assert wall.changed == (frozenset({"anna"}), False)
    wall.public(START + 2 * TICK)
    assert not wall.changed


@pytest.mark.parametrize(
    ("before", "after", "everything"),
    [
        (START + 900, START + 1800, False),  # evidence lasts longer
        (START + 1800, START + 900, True),  # shorter
        (START + TICK, START + 1800, True),  # it had ended, and is back
    ],
)
def test_a_source_changes_everything_only_where_an_answer_that_holds_may_change(
    before: Instant, after: Instant, everything: bool
) -> None:
    wall = Wall()
    wall.tell(SourceHealth("calendar", ok_until=before), "calendars", stamp=START)
    wall.public(START + TICK)
    wall.tell(SourceHealth("calendar", ok_until=after), "calendars", stamp=START + TICK)
    wall.public(START + 2 * TICK)
    assert wall.changed.everything is everything


# --- the wall clock stepped ---


def test_after_a_step_of_the_clock_leases_and_limits_count_as_ended_until_they_are_renewed() -> None:
    wall = Wall()
    wall.tell(Presence("available", START, START + 300), "anna", "chat", "sip:a", "", stamp=START)
    assert wall.public(START + TICK) == "available"
    wall.board.distrust(START + TICK)
    assert wall.public(START + 2 * TICK) == "unknown"
    wall.tell(SourceHealth("calendar", ok_until=FOREVER), "calendars", stamp=START + 2 * TICK)
    assert wall.public(START + 3 * TICK) == "unknown"  # the chat, to which she is linked, has not spoken yet
    wall.tell(SourceHealth("presence", ok_until=FOREVER), "chat", stamp=START + 3 * TICK)
    assert wall.public(START + 4 * TICK) == "available"


def test_a_step_of_the_clock_ends_what_waits_for_the_tick_too() -> None:
    wall = Wall()
    wall.tell(SourceHealth("calendar", ok_until=0), "calendars", stamp=START)
    wall.tell(Presence("available", START, START + 300), "anna", "chat", "sip:a", "", stamp=START)
    wall.tell(Calendar(ok_until=START + 600), "anna", "calendars", stamp=START)
    wall.board.distrust(START + 1)
    wall.tell(SourceHealth("calendar", ok_until=FOREVER), "calendars", stamp=START)
    wall.tell(SourceHealth("presence", ok_until=FOREVER), "chat", stamp=START)
    assert wall.public(START + TICK) == "unknown"  # her own feed's mark was of the old clock


def test_a_step_of_the_clock_ends_the_waiting_time() -> None:
    wall = Wall()
    wall.tell(Queue(600, START, START + 600), "queue", stamp=START)
    wall.public(START + TICK)
    assert wall.board.enquiry().waiting() == 600
    wall.board.distrust(START + TICK)
    assert wall.board.enquiry().waiting() is None


def test_a_step_of_the_clock_keeps_leave_meetings_and_words() -> None:
    wall = Wall()
    wall.tell(Override("busy", START, START + 3600, START), "anna", "1", stamp=START)
    wall.board.distrust(START + 1)
    assert wall.public(START + TICK) == "busy"


def test_whoever_was_ever_hidden_is_so_again_after_a_step_of_the_clock() -> None:
    wall = Wall()
    wall.tell(Hidden(), "anna", stamp=START)
    assert wall.public(START + TICK) == "available"
    wall.board.distrust(START + TICK)
    assert wall.public(START + 2 * TICK) == "nobody"


def test_next_is_the_nearest_change_of_those_that_are_watched() -> None:
    wall = Wall()
    wall.tell(Override("busy", START + 600, START + 900, START), "anna", "1", stamp=START)
    assert wall.board.next([], START) == FOREVER
    assert wall.board.next(["anna", "nobody"], START) == START + 600


def test_a_store_found_empty_ends_all_layers_but_leaves_the_directory_until_it_is_read_again() -> None:
    board = Board(Rules(sources={"ldap": SourceRule("directory", 86_400), "calendar": SourceRule("calendar", 900)}))
    held = [
        Stored(key("contact", "anna", "ldap"), 1, 0, ContactRecord(name="Anna")),
        Stored(key("override", "anna", "1"), 2, 0, Override("busy", 0, 10_000, 0)),
        Stored(key("source", "calendar"), 3, 0, SourceHealth("calendar", ok_at=1, ok_until=10_000)),
    ]
    board.load(held, 900)
    before = board.at("anna", 900)
    board.load([], 930)
    after = board.at("anna", 930)
    assert before is not None
    assert after is not None
    assert (before.status, after.status) == (Status.BUSY, Status.UNKNOWN)
    assert board.now.sources["calendar"].ok_until == 0


def test_so_does_a_store_in_which_nothing_is_but_what_was_pushed_since_it_was_lost() -> None:
    """Another process may have made the new one with a report in it, before this one looked."""
    board = Board(Rules(sources={"ldap": SourceRule("directory", 86_400), "chat": SourceRule("presence", 900)}))
    board.load(
        [
            Stored(key("contact", "anna", "ldap"), 7, 0, ContactRecord(name="Anna")),
            Stored(key("override", "anna", "1"), 8, 0, Override("away", 0, 10_000, 0)),
        ],
        900,
    )
    pushed = Stored(key("presence", "anna", "chat", "sip:a@x", ""), 1, 0, Presence("busy", 0, 10_000))
    board.load([pushed], 930)
    after = board.at("anna", 930)
    assert after is not None
    assert after.status is Status.BUSY  # what is there holds, by its new number; what was lost does not
    board.load([Stored(key("contact", "bo", "ldap"), 2, 0, ContactRecord(name="Bo"))], 960)
    assert board.at("anna", 960) is None  # a store in which a directory has spoken is taken at its word


def test_a_store_found_empty_shows_nobody_who_was_hidden_a_moment_ago() -> None:
    wall = Wall()
    wall.public(START + TICK)
    wall.tell(ContactRecord(hidden=True), "anna", "staff", stamp=START + TICK)
    wall.board.load([], START + TICK)
    assert [wall.public(START + n * TICK) for n in (1, 2, 3)] == ["nobody"] * 3


# --- a process that begins ---


@pytest.mark.parametrize(
    ("parts", "before", "after"),
    [
        (("absence", "anna", "hr", "1"), Absence(start=0, end=START + 7200), Absence(start=0, end=START + 14_400)),
        (("presence", "anna", "chat", "sip:a@x", ""), Presence("busy", 0, START + 60), Presence("busy", 0, START + 600)),
        (("override", "anna", "1"), Override("away", 0, START + 600, 0), Override("away", 0, START + 900, 0)),
    ],
)
def test_what_was_said_again_a_moment_ago_still_holds_in_a_process_that_begins(
    parts: tuple[str, ...], before: AnyBody, after: AnyBody
) -> None:
    """A snapshot holds the newest fact alone: taken for too young, it would leave nothing, and that reads "available"."""
    wall = Wall()
    wall.tell(before, *parts[1:], stamp=START - 1800)
    wall.board.advance(START)
    wall.tell(after, *parts[1:], stamp=START + TICK - 1)
    running = wall.public(START + TICK)
    assert running in (Status.AWAY, Status.BUSY)
    for board in (Board(RULES), wall.board):  # one that begins, and one that was too far behind and reads everything again
        board.load(wall.snapshot.values(), START + TICK)
        enquiry = board.enquiry()
        contact = enquiry.public("anna")
        assert contact
        assert enquiry.availability(contact).status == running


def test_a_record_that_was_written_again_a_moment_ago_is_shown_by_a_process_that_begins() -> None:
    wall = Wall()
    record = wall.snapshot[key("contact", "anna", "directory")]
    wall.snapshot[record.key] = msgspec.structs.replace(record, stamp=START - 1)
    board = Board(RULES)
    board.load(wall.snapshot.values(), START)
    assert board.enquiry().public("anna")
