"""Leave as an HR system tells it: from when to when, and how much. 41 people are away on any day, three of them with no end."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connectors.demonstration.dice import Dice
from connectors.demonstration.shifts import DAY, midnight
from connectors.demonstration.staff import Member
from presence.domain.facts import Absence

AWAY = 41
OPEN_ENDED = 3
PART_TIME = 9
_SLOTS = AWAY - OPEN_ENDED  # each always holds one leave, of somebody of its own
_BLOCK = 28  # days that a slot is planned for at a time
_SEASON = 112  # days after which long leaves go to others
_LENGTHS = (1, 1, 2, 3, 5, 5, 7, 14)
_BACK, _AHEAD = 1, 28  # days told before and after today

Row = tuple[int, str, Absence]
"""Index of the member, uid, and the leave."""


class Leave:
    """All leave, on any day: a function of the seed."""

    def __init__(self, seed: int, everybody: Sequence[Member]) -> None:
        self._seed = seed
        self._everybody = everybody
        named = {m.name.full: m.index for m in everybody if m.cast}
        self._loans = (named["Emma Hedlund Marković"], named["Lars-Göran Näslund"])
        drawn = Dice(seed, "leave").shuffled([m.index for m in everybody if not m.cast and m.unit.pattern != "rota"])
        self._open_pool, self._part_pool, rest = drawn[:30], drawn[30:100], drawn[100:]
        rest += [m.index for m in everybody if not m.cast and m.unit.pattern == "rota"]
        self._pools = [rest[slot::_SLOTS] for slot in range(_SLOTS)]

    def rows(self, today: date) -> list[Row]:
        """What HR tells on a day: everything from yesterday to four weeks ahead."""
        first, last = today - _BACK * DAY, today + _AHEAD * DAY
        return [*self._long(today), *(row for slot in range(_SLOTS) for row in self._of_slot(slot, first, last))]

    def absences(self, today: date) -> Mapping[int, dict[str, Absence]]:
        """The same by member."""
        found: defaultdict[int, dict[str, Absence]] = defaultdict(dict)
        for member, uid, absence in self.rows(today):
            found[member][uid] = absence
        return found

    def away(self, day: date) -> frozenset[int]:
        """Members who are away all of the day."""
        of_slots = (row[0] for slot in range(_SLOTS) for row in self._of_slot(slot, day, day))
        return frozenset(of_slots) | frozenset(self._open_ended(day))

    def open_ended(self, day: date) -> frozenset[int]:
        """Those of them who are away until further notice."""
        return frozenset(self._open_ended(day))

    def _of_slot(self, slot: int, first: date, last: date) -> Iterator[Row]:
        """The leaves of a slot that touch the days from first to last."""
        shift = slot * 11 % _BLOCK
        for block in range((first.toordinal() - shift) // _BLOCK, (last.toordinal() - shift) // _BLOCK + 1):
            dice = Dice(self._seed, "leave", slot, block)
            start, end = block * _BLOCK + shift, (block + 1) * _BLOCK + shift
            while start < end:
                length = min(dice.pick(_LENGTHS), end - start)
                member = dice.pick(self._pools[slot])
                begins, ends = date.fromordinal(start), date.fromordinal(start + length - 1)
                if begins <= last and ends >= first:
                    yield member, f"{slot}-{start}", _leave(begins, ends, as_instants=slot % 8 == 0)
                start += length

    def _open_ended(self, day: date) -> list[int]:
        season = day.toordinal() // _SEASON
        return Dice(self._seed, "open", season).shuffled(self._open_pool)[:OPEN_ENDED]

    def _long(self, today: date) -> Iterator[Row]:
        """Leaves of a season: some without an end, some for a part of the working time."""
        season = today.toordinal() // _SEASON
        first = date.fromordinal(season * _SEASON).isoformat()
        last = date.fromordinal((season + 1) * _SEASON - 1).isoformat()
        for member in self._open_ended(today):
            yield member, f"open-{season}", Absence(first=first)
        part = [*Dice(self._seed, "part", season).shuffled(self._part_pool), *self._loans][-PART_TIME:]
        for number, member in enumerate(part):
            uid = f"part-{season}"
            if member == self._loans[1]:  # all of the second employment
                employment = f"{self._everybody[member].employee}-2"
                yield member, uid, Absence(first=first, last=last, employment=employment, share=0.5)
            else:
                yield member, uid, Absence(first=first, last=last, extent=(0.25, 0.5)[number % 2])


def _leave(first: date, last: date, as_instants: bool) -> Absence:
    """Whole days, as most HR systems tell them, or from midnight to midnight, as automatic replies do."""
    if as_instants:
        return Absence(start=midnight(first), end=midnight(last + DAY))
    return Absence(first=first.isoformat(), last=last.isoformat())
