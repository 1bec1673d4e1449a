"""Names, numbers, units and topics to contacts. Pure: it is fed from a picture and asked with words."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from presence.domain.directory import Unit
from presence.domain.facts import TopicRecord
from presence.domain.picture import Picture
from presence.domain.rules import Rules
from presence.searching.asked import Asked
from presence.searching.everyday import is_way
from presence.searching.folding import fold, split
from presence.searching.ranking import Ranking
from presence.searching.register import Register
from presence.searching.subjects import SURE, Match, Subjects

_CLEAR = 0.6
"""From here on a unit or topic fits the whole of a query, so nobody is offered who bears but one word of it."""
_CERTAIN = 0.72
"""Beside somebody of that name, a unit or topic must be meant without much doubt."""
_HALF = 0.44
"""Beside those who bear all of several words, as titles and the like, it must fit half of them."""

_AS_MUCH = 0.62
"""What is shown beside a unit that was meant has to fit as much of what was asked, by its measure; more, where the
unit was asked for as a unit: parkförvaltningen."""

_STAFF = 5
"""Contacts that are shown of a unit that was asked for; the unit's own page tells how to reach it."""


class Hits(NamedTuple):
    """Ids, best first. Topics come first where they are shown; there is no order by availability.

    `meant` are those of the units that were asked for by name while no contact was: they come before the contacts, of whom
    there are then a few only.
    """

    contacts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()


class Search:
    """An index of one picture's contacts, units and topics; `index` again whatever changed.

    What is withheld by the publication policy is not in it. Its words may be those of contacts who are hidden at the moment,
    but that cannot be observed: `public` is asked of each before anything is ranked, cut or given up.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._register = Register()
        self._subjects = Subjects({}, {})
        self._units: dict[str, Unit] = {}
        self._topics: dict[str, TopicRecord] = {}
        self._rules: Rules | None = None

    def index(self, picture: Picture, contacts: Iterable[str]) -> None:
        """Take these contacts as the picture has them now; whoever is not in it is forgotten. Those that are as they were cost
        nothing; a change to the units takes everybody anew."""
        again = self._rules is not picture.rules or self._units != picture.units
        if again or self._topics != picture.topics:
            self._units, self._topics, self._rules = dict(picture.units), dict(picture.topics), picture.rules
            self._subjects = Subjects(self._units, self._topics)
        if again:
            self._register.renew(picture, {*contacts, *self._register.known()})
        else:
            self._register.take(picture, contacts)

    def find(self, query: str, picture: Picture, public: Callable[[str], bool], limit: int = 20) -> Hits:
        """At most `limit` contacts whom `public` lets through, and at most five units (with somebody public in or below them)
        and five topics.

        Where nothing fits, what may have been meant but for slips is given; where there is none, nothing: the caller adds the
        centre.
        """
        ranking, typed = Ranking(self._register, public, limit), Asked(query)
        if addressed := ranking.addressed(typed):
            return Hits(tuple(addressed))
        asked = typed.without_address()
        peopled = _peopled(picture, public)
        units, topics = self._subjects.find(asked, peopled, False, ranking.known_for)
        best = max((m.fit for m in (*units[:1], *topics[:1])), default=0.0)
        found = ranking.find(asked, partly=best < _CLEAR)
        if not found.whole and best < SURE:
            of_slips = self._subjects.find(asked, peopled, True, ranking.known_for)
            units, topics = of_slips[0] or units, of_slips[1] or topics
        if self._is_way(typed, picture, public) and not (topics and topics[0].fit >= SURE) and not ranking.called(asked):
            others = found.contacts if found.whole and not found.named else []
            return Hits(tuple(dict.fromkeys((picture.rules.centre, *others)))[:limit])
        least = (
            _CERTAIN
            if found.named
            else _CLEAR
            if found.nearly or found.surely or found.called
            else _HALF
            if found.whole and len(asked.words) > 1
            else 0.0
        )
        centre = picture.rules.centre
        if found.doubtful and not units and not topics and picture.contact(centre) and public(centre):
            return Hits((*(c for c in found.contacts[: limit - 1] if c != centre), centre))
        meant = _ids([unit for unit in units if unit.whole], least) if units and units[0].whole else ()
        if found.named or (meant and found.called and not self._is_just(meant[0], asked)):
            meant = ()
        if meant:
            least = max(least, (SURE if asked.of_unit else _AS_MUCH) * min(1.0, units[0].fit))
        return Hits(tuple(found.contacts[: _STAFF if meant else limit]), _ids(units, least), _ids(topics, least), meant)

    def _is_just(self, unit: str, asked: Asked) -> bool:
        """Whether the unit too is called as it was typed, no more and no less."""
        return {fold(word) for word in split(self._units[unit].name)} == {word.folded for word in asked.all_words}

    def _is_way(self, asked: Asked, picture: Picture, public: Callable[[str], bool]) -> bool:
        """Whether a way to reach somebody is asked for, and nobody who has it: then it is the centre's."""
        rules = picture.rules
        centre = picture.contact(rules.centre)
        if centre is None or not public(centre.id):
            return False
        kinds = tuple(dict.fromkeys(channel.kind for channel in centre.channels))
        return is_way(asked.text, tuple(name for kind in kinds for name in (kind, *rules.kind(kind).label.values())))


def _ids(matches: list[Match], least: float) -> tuple[str, ...]:
    return tuple(match.subject.id for match in matches if match.fit >= least)


def _peopled(picture: Picture, public: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether anybody public is in a unit or below it."""

    def peopled(unit: str, above: frozenset[str] = frozenset()) -> bool:
        if any(public(contact) and _is_in(picture, contact, unit) for contact in picture.members.get(unit, ())):
            return True
        inside = above | {unit}
        return any(peopled(child, inside) for child in picture.children.get(unit, ()) if child not in inside)

    return peopled


def _is_in(picture: Picture, contact: str, unit: str) -> bool:
    """Whether the public may know that the contact is in the unit."""
    found = picture.contact(contact)
    return found is not None and any(post.unit == unit for post in picture.published_posts(found))
