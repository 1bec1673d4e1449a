"""Why an answer is what it is, for staff: the explanation names what decided, and it did."""

from collections import Counter
from random import Random

import msgspec

from presence.domain.availability import Explanation, explain
from presence.domain.facts import Absence, Override
from presence.domain.intervals import Status

from .town import MONDAY, Town, at, busy
from .truth import HOUR, WIDTH, Stack, stack


def explained(made: Stack, hour: int) -> Explanation:
    evidence = made.evidence()
    return explain(evidence.voices(), evidence.lasting(), hour * HOUR, evidence.window_end())


def taken_away(seed: int, explanation: Explanation) -> Stack:
    """The same contact without the facts of the voice that decided."""
    made = stack(Random(seed))
    place, source = next((heard.place, heard.source) for heard in explanation.heard if heard.decided)
    made.links += [s for s, _ in made.reports]  # a report also links; only what it says is taken away
    if place == "override":
        spoken = ("available",) if explanation.status is Status.AVAILABLE else ("away", "busy")
        made.overrides = [o for o in made.overrides if o.status not in spoken]
    elif place == "leave":
        made.absences = []
    elif place == "hours" and explanation.status is Status.CLOSED:
        made.published = None
    elif place == "hours":
        made.schedule = None
    elif place == "calendar":
        made.calendars[source] = ([], *made.calendars[source][1:])
    elif place == "assumed":
        made.ok_until = {}
        made.published = made.schedule = None
    else:
        spoken = ("available",) if place == "presence:available" else ("busy", "away")
        made.reports = [(s, r) for s, r in made.reports if s != source or r.status not in spoken]
    return made


def test_taking_away_the_fact_that_decided_changes_the_answer_unless_another_says_the_same() -> None:
    """A thousand contacts: the explanation names the other as well."""
    changed = Counter[str]()
    for seed in range(1_000):
        hour = Random(seed).randrange(WIDTH)
        explanation = explained(stack(Random(seed)), hour)
        decided = [heard for heard in explanation.heard if heard.decided]
        if explanation.status is Status.UNKNOWN:
            assert not decided
            continue
        assert [heard.says for heard in decided] == [explanation.status]
        without = explained(taken_away(seed, explanation), hour)
        differs = (without.status, without.until) != (explanation.status, explanation.until)
        others = [h for h in explanation.heard if not h.decided and h.says == explanation.status]
        assert differs or others, seed
        changed["changed" if differs else "confirmed"] += 1
    assert changed["changed"] > 600


def test_taking_away_what_says_nothing_changes_no_status() -> None:
    for seed in range(300):
        made = stack(Random(seed))
        hour = Random(seed).randrange(WIDTH)
        explanation = explained(made, hour)
        silent = {h.source for h in explanation.heard if h.place == "calendar" and h.says == "nothing"}
        for source in silent:
            made.calendars[source] = ([], *made.calendars[source][1:])
        assert explained(made, hour).status == explanation.status


def test_an_explanation_tells_who_decided_what_lost_and_when_each_may_change() -> None:
    town = Town()
    town.say(Override("busy", at(f"{MONDAY} 09:00"), at(f"{MONDAY} 11:00"), 0), "1")
    town.say(Absence(at(f"{MONDAY} 08:00"), at(f"{MONDAY} 12:00")), "hr", "1")
    town.say(busy((f"{MONDAY} 09:00", f"{MONDAY} 10:00")), "calendars")
    explanation = town.picture.explanation(town.contact(), at(f"{MONDAY} 09:30"))
    assert (explanation.status, explanation.valid_until, explanation.until) == (
        "busy",
        at(f"{MONDAY} 11:00"),
        at(f"{MONDAY} 12:00"),
    )
    told = [(h.place, h.source, h.says, h.changes, h.decided, h.lost) for h in explanation.heard]
    assert told == [
        ("override", "", "busy", at(f"{MONDAY} 11:00"), True, False),
        ("leave", "hr", "away", at(f"{MONDAY} 12:00"), False, True),
        ("hours", "", "nothing", at(f"{MONDAY} 16:30"), False, False),
        ("calendar", "calendars", "busy", at(f"{MONDAY} 10:00"), False, False),
        ("assumed", "", "available", explanation.heard[-1].changes, False, True),
    ]


def assumed(town: Town, when: str = f"{MONDAY} 09:30") -> tuple[str, str]:
    """What the last voice says, and why it says no more."""
    last = town.picture.explanation(town.contact(), at(when)).heard[-1]
    return last.says, last.because


def test_an_explanation_tells_why_nothing_is_assumed() -> None:
    town = Town()
    assert assumed(town) == ("available", "")
    town.say(Absence(at(f"{MONDAY} 08:00"), at(f"{MONDAY} 12:00"), extent=0.5), "hr", "1")
    assert assumed(town) == ("available", "something above is in doubt")
    assert assumed(town, f"{MONDAY} 13:00") == ("available", "")
    town.source("calendars", ok_until=at(f"{MONDAY} 09:00"))
    assert assumed(town) == ("nothing", "past its limit: calendars")
    town.source("calendars")
    town.say(msgspec.structs.replace(busy(), ok_until=at(f"{MONDAY} 09:00")), "calendars")
    assert assumed(town) == ("nothing", "could not be read for this contact: calendars")
    town.source("calendars", ok_until=at(f"{MONDAY} 09:00"))
    town.unsay("calendar", "calendars")
    assert assumed(town) == ("nothing", "no calendar and no live presence is linked")
    assert assumed(Town(hours=None)) == ("nothing", "no hours at any level, or none that could be read")


def test_an_explanation_and_an_answer_are_the_same() -> None:
    for seed in range(300):
        made = stack(Random(seed))
        for hour in range(0, WIDTH, 7):
            answer, explanation = made.answer(hour * HOUR), explained(made, hour)
            assert (explanation.status, explanation.valid_until, explanation.until) == answer
