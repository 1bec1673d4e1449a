"""The weekly rule of opening hours, in the OSM `opening_hours` grammar: which shifts begin on a day of the week."""

import re
from datetime import date, datetime, time, timedelta

from opening_hours import OpeningHours as WeeklyRule
from opening_hours import ParserError, State  # type: ignore[attr-defined]  # its stub forgets the error

from presence.domain.rule_parts import BadHours, nights

_ALL_DAY = timedelta(days=1)


class Weekly:
    """A rule of the grammar, asked for the shifts that begin on a day."""

    def __init__(self, rule: str) -> None:
        self._rule = _parse(rule)
        self._parts = [(_parse(part.rule), part.is_off) for part in reversed(nights(rule))]

    def shifts(self, day: date) -> list[tuple[datetime, datetime]]:
        """As naive local times."""
        if not self._parts:
            return _of_rule(self._rule, day)
        for part, is_off in self._parts:
            if spans := _of_rule(part, day):
                return [] if is_off else spans
        return []


def _of_rule(rule: WeeklyRule, day: date) -> list[tuple[datetime, datetime]]:
    """The rule's spans that begin on `day`; one without a break at midnight (24/7) is cut there."""
    midnight = datetime.combine(day, time())
    tomorrow = midnight + _ALL_DAY
    spans = []
    for start, end, state, *_ in rule.intervals(midnight - _ALL_DAY, midnight + 3 * _ALL_DAY):
        if state != State.OPEN or end <= midnight or start >= tomorrow:
            continue
        if end - start > _ALL_DAY:
            spans.append((max(start, midnight), min(end, tomorrow)))
        elif start >= midnight:
            spans.append((start, end))
    return spans


def _parse(rule: str) -> WeeklyRule:
    try:
        return WeeklyRule(rule)
    except ParserError as error:
        column = re.search(r"-->\s*\d+:(\d+)", str(error))
        raise BadHours(f"not opening hours: {rule!r}", int(column[1]) if column else 0) from None
