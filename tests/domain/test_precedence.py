"""The one rule, and the order of precedence, drawn."""

import itertools

import msgspec
import pytest

from presence.domain.availability import PRECEDENCE, resolve
from presence.domain.facts import Absence, AnyBody, Override, Presence
from presence.domain.intervals import Status

from .drawing import LETTERS, drawn, layer, voices
from .town import MONDAY, Town, at, busy


def test_live_presence_corrects_the_calendar_but_never_leave() -> None:
    stack = voices(
        leave="................WWWWWWWW",
        presence_busy="..........BBBB....BB....",
        calendar="...BBBB..........BBBBBBB",
        presence_available="....AAAAAAAAAAAAAAAAAAAA",
        assumed="AAAAAAAAAAAAAAAAAAAAAAAA",
    )
    assert drawn(stack, 24) == "AAABBBBAAABBBBAAWWWWWWWW"


def test_the_default_order_is_the_one_that_is_documented() -> None:
    documented = "override > leave > hours > presence:busy > calendar > presence:available > assumed"
    assert tuple(documented.split(" > ")) == PRECEDENCE


@pytest.mark.parametrize(("higher", "lower"), list(itertools.combinations(PRECEDENCE[:-1], 2)))
def test_the_first_opinion_decides(higher: str, lower: str) -> None:
    stack = voices(**{higher.replace(":", "_"): ".WW.", lower.replace(":", "_"): "..BB"})
    assert drawn(stack, 4) == "UWWB"


def test_where_nobody_has_an_opinion_it_is_unknown() -> None:
    assert drawn(voices(calendar="..B..", presence_busy="....."), 5) == "UUBUU"


@pytest.mark.parametrize("place", [p.replace(":", "_") for p in PRECEDENCE if p != "assumed"])
def test_doubt_of_any_layer_decides_nothing_but_withholds_assumed(place: str) -> None:
    assert drawn(voices(**{place: ".??.B"}, assumed="AAAAA"), 5) == "AUUAB"


def test_doubt_does_not_withhold_what_somebody_knows() -> None:
    stack = voices(leave="??????", calendar=".BB...", presence_available="...AA.", assumed="AAAAAA")
    assert drawn(stack, 6) == "UBBAAU"


def test_doubt_below_assumed_withholds_it_as_well() -> None:
    """The order is data: it may put `assumed` anywhere."""
    order = ("leave", "assumed", "calendar")
    assert drawn(voices(order, leave="....", assumed="AAAA", calendar=".??B"), 4) == "AUUA"


def test_another_order_is_configuration_alone() -> None:
    order = ("override", "leave", "hours", "presence:busy", "presence:available", "calendar", "assumed")
    towns = Town(), Town(precedence=order)
    for town in towns:
        town.say(busy((f"{MONDAY} 10:00", f"{MONDAY} 12:00")), "calendars")
        town.say(Presence("available", at(f"{MONDAY} 11:00"), at(f"{MONDAY} 13:00")), "chat", "sip:anna@x", "")
    assert [town.day() for town in towns] == [
        # 06  07  08  09  10  11  12  13  14  15  16  17  18  19
        "CCCCAAAABBBBAAAAAAAAACCCCCCC",
        "CCCCAAAABBAAAAAAAAAAACCCCCCC",
    ]


def test_a_place_that_is_left_out_of_the_order_is_not_asked() -> None:
    town = Town(precedence=("leave", "hours", "assumed"))
    town.say(busy((f"{MONDAY} 10:00", f"{MONDAY} 12:00")), "calendars")
    town.say(Override("away", at(f"{MONDAY} 09:00"), at(f"{MONDAY} 12:00"), 0), "1")
    assert town.day() == "CCCCAAAAAAAAAAAAAAAAACCCCCCC"


def test_there_are_five_statuses() -> None:
    assert [status.value for status in Status] == ["available", "busy", "away", "closed", "unknown"]


def test_an_answer_is_valid_until_a_layer_that_was_asked_may_change() -> None:
    stack = voices(leave="....W.", hours="CC....", calendar=".....B", assumed="AAAAAA")
    assert [resolve(stack, t).valid_until for t in range(6)] == [2, 2, 4, 4, 5, 6]


def test_a_layer_that_contradicts_itself_says_the_more_absent() -> None:
    town = Town()
    town.say(Override("busy", at(f"{MONDAY} 09:00"), at(f"{MONDAY} 12:00"), 0), "1")
    town.say(Override("away", at(f"{MONDAY} 10:00"), at(f"{MONDAY} 11:00"), 0), "2")
    assert town.day() == "CCCCAABBWWBBAAAAAAAAACCCCCCC"


def test_the_order_in_which_facts_are_held_does_not_matter() -> None:
    facts: list[tuple[AnyBody, tuple[str, ...]]] = [
        (Override("busy", at(f"{MONDAY} 09:00"), at(f"{MONDAY} 12:00"), 0), ("1",)),
        (busy((f"{MONDAY} 10:00", f"{MONDAY} 14:00")), ("calendars",)),
        (Absence(at(f"{MONDAY} 15:00"), at(f"{MONDAY} 16:00")), ("hr", "1")),
        (Presence("busy", at(f"{MONDAY} 14:00"), at(f"{MONDAY} 15:00")), ("chat", "sip:anna@x", "")),
    ]
    days = set()
    for order in itertools.permutations(facts):
        town = Town()
        for body, rest in order:
            town.say(body, *rest)
        days.add(town.day())
    assert days == {"CCCCAABBBBBBBBBBBBWWACCCCCCC"}


def test_no_layer_can_say_unknown() -> None:
    """Unknown is the want of an opinion, so nothing can put it over somebody else's."""
    with pytest.raises(KeyError):
        layer("U")
    assert LETTERS["U"] is Status.UNKNOWN


def test_an_override_without_an_end_can_not_be_written_down() -> None:
    with pytest.raises(msgspec.ValidationError, match="end"):
        msgspec.json.decode(b'{"is":"override","status":"busy","start":0,"set_at":0}', type=Override)
