"""A small directory to search, built from names."""

from collections.abc import Iterable

from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import ChannelRecord, ContactRecord, Post, TopicRecord, UnitRecord, key
from presence.domain.picture import Picture
from presence.domain.rules import Rules
from presence.search import Hits, Search

TOPICS = {
    "bygglov": TopicRecord("Bygglov", {"en": "Building permits"}, ("altan", "carport")),
    "sopor": TopicRecord("Sophämtning", {"en": "Waste collection"}, ("sopor", "tömning")),
    "snow": TopicRecord("Snöröjning", {"en": "Snow clearance"}, ("plogning", "halka")),
}


class Town:
    """People are given as "Name", with a title, a unit and so on; their id is their name."""

    def __init__(self, *names: str, rule: PublicationRule | None = None, centre: str = "") -> None:
        self.picture = Picture(Rules(publication=Publication((rule or PublicationRule("*", "shown"),)), centre=centre))
        self.search = Search()
        self.hidden: set[str] = set()
        for topic, record in TOPICS.items():
            self.picture.apply(key("topic", topic, "config"), record)
        self.unit("bygg", "Bygglov")
        self.unit("gata", "Gata och park", keywords=("fartgupp",))
        for name in names:
            self.person(name)

    def unit(self, unit: str, name: str, keywords: tuple[str, ...] = ()) -> None:
        self.picture.apply(key("unit", unit, "ldap"), UnitRecord(name, keywords=keywords))

    def person(
        self,
        name: str,
        title: str = "",
        unit: str = "",
        number: str = "",
        extension: str = "",
        keywords: tuple[str, ...] = (),
        kind: str = "telephone",
    ) -> None:
        record = ContactRecord(
            name=name,
            given=name.rpartition(" ")[0],
            family=name.rpartition(" ")[2],
            posts=(Post(title, unit),) if title or unit else (),
            channels=(ChannelRecord(kind, number),) if number else (),
            aliases=(f"ext:{extension}",) if extension else (),
            keywords=keywords,
        )
        self.picture.apply(key("contact", name, "ldap"), record)
        self.search.index(self.picture, [name])

    def gone(self, name: str) -> None:
        self.picture.apply(key("contact", name, "ldap"), None)
        self.search.index(self.picture, [name])

    def find(self, query: str, limit: int = 20) -> Hits:
        self.search.index(self.picture, ())
        return self.search.find(query, self.picture, lambda c: c not in self.hidden, limit)

    def people(self, query: str) -> list[str]:
        return list(self.find(query).contacts)

    def all(self, queries: Iterable[str]) -> list[Hits]:
        return [self.find(query) for query in queries]
