"""The search in process, over a municipality of 60,000: `python -m tests.bench.search [CONTACTS]`.

Prints how long the index takes to make and to bring up to date, what it weighs, and how long queries take: key by key as they
are typed, whole, misspelt, by number, by topic; and the worst beginnings of two letters.
"""

import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Iterator

import msgspec

from connectors.demonstration.dice import Dice
from connectors.demonstration.naming import Naming
from connectors.demonstration.world import world
from presence.domain.directory import Publication, PublicationRule
from presence.domain.facts import ChannelRecord, ContactRecord, Post, TopicRecord, key
from presence.domain.picture import Picture
from presence.domain.rules import Rules
from presence.search import Search

CONTACTS = 60_000
T = 1_792_400_400
TOPICS = {
    "bygglov": TopicRecord("Bygglov", {"en": "Building permits"}, ("altan", "attefall", "carport", "fasad", "ritningar")),
    "forskola": TopicRecord("Förskola och pedagogisk omsorg", {"en": "Preschool"}, ("dagis", "förskolekö", "barnomsorg")),
    "parkering": TopicRecord("Parkering", {"en": "Parking"}, ("parkeringsböter", "boendeparkering", "felparkering")),
    "avfall": TopicRecord("Sophämtning", {"en": "Waste collection"}, ("sopor", "sopkärl", "tömning", "matavfall")),
    "skolskjuts": TopicRecord("Skolskjuts", {"en": "School transport"}, ("skolbuss", "busskort", "taxi")),
}
SENTENCES = (
    "får jag bygga carport",
    "söka dagis till mitt barn",
    "överklaga parkeringsböter",
    "soptunnan är inte tömd",
    "building permit",
)


def picture(contacts: int) -> Picture:
    """The demonstration's names, titles and units, drawn again and again."""
    made = Picture(Rules(publication=Publication((PublicationRule("*", "shown"),))))
    town = world(1)
    for unit in town.units:
        made.apply(key("unit", unit.identity, "ldap"), unit.record)
    for topic, record in TOPICS.items():
        made.apply(key("topic", topic, "config"), record)
    naming = Naming(set())
    for n in range(contacts):
        made.apply(key("contact", f"c{n:06d}", "ldap"), _record(n, naming, town.members[n % len(town.members)]))
    return made


def _record(n: int, naming: Naming, like: object) -> ContactRecord:
    name = naming.draw(Dice(7, "bench", n))
    post = Post(getattr(like, "title"), getattr(like, "unit").identity)  # noqa: B009
    return ContactRecord(
        name=name.full,
        given=name.given,
        family=name.family,
        nicknames=name.nicknames,
        posts=(post,),
        channels=(ChannelRecord("telephone", f"+46313{n:06d}"),),
        aliases=(f"ext:{n:05d}",),
    )


def queries(of: Picture, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Kind and text."""
    people = list(of.states)
    for _ in range(150):
        contact = of.contact(draw.choice(people))
        assert contact is not None
        name = contact.name
        yield from (("key by key", name[:n]) for n in range(2, len(name) + 1))
        yield "whole name", name
        yield "surname first", f"{contact.family}, {contact.given}"
        yield "initial", f"{contact.given[0]} {contact.family}"
        yield "name and post", f"{contact.given} {contact.posts[0].title}"
        place = draw.randrange(1, len(name) - 1)
        yield "misspelt", name[:place] + draw.choice("aeiklnrst") + name[place + 1 :]
        yield "number", contact.channels[0].value[-draw.randrange(3, 10) :]
        yield "family name", contact.family
        yield "title", contact.posts[0].title
    yield from (("topic", sentence) for sentence in SENTENCES * 10)
    letters = "abcdefghijklmnopqrstuvwxyzåäö"
    yield from (("two letters", a + b) for a in letters for b in letters)


def main() -> None:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS
    held = picture(contacts)
    everybody = list(held.states)
    for contact in everybody:
        held.contact(contact)
    gc.collect()
    search = Search()
    started = time.thread_time()
    search.index(held, everybody)
    print(f"{contacts:,} contacts indexed in {time.thread_time() - started:.2f} s")
    _weigh(held, everybody)
    _update(search, held, everybody)
    _ask(search, held)


def _weigh(held: Picture, everybody: list[str]) -> None:
    tracemalloc.start()
    other = Search()
    other.index(held, everybody)
    print(f"weight {tracemalloc.get_traced_memory()[0] / 2**20:.0f} MiB")
    tracemalloc.stop()


def _update(search: Search, held: Picture, everybody: list[str]) -> None:
    rounds, draw, spent = 200, random.Random(3), []
    for n in range(rounds):
        contact = draw.choice(everybody)
        name = key("contact", contact, "ldap")
        body = held.states[contact][name]
        assert isinstance(body, ContactRecord)
        held.apply(name, msgspec.structs.replace(body, name=f"{body.given} Nyman{n}", family=f"Nyman{n}"))
        held.contact(contact)
        started = time.thread_time()
        search.index(held, (contact,))
        spent.append(time.thread_time() - started)
    print(f"one contact changed: {statistics.median(spent) * 1e6:.0f} µs, at most {max(spent) * 1e6:.0f} µs")


def _ask(search: Search, held: Picture) -> None:
    kinds: dict[str, list[tuple[float, str]]] = {}
    for kind, text in queries(held, random.Random(5)):
        started = time.thread_time()
        search.find(text, held, lambda c: held.is_public(c, T))
        kinds.setdefault(kind, []).append((time.thread_time() - started, text))
    every = [row for rows in kinds.values() for row in rows]
    print(f"{'kind':16}{'queries':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}  slowest")
    for kind, rows in [*kinds.items(), ("all", every)]:
        rows.sort()
        p50, p99 = rows[len(rows) // 2][0], rows[min(len(rows) - 1, len(rows) * 99 // 100)][0]
        print(f"{kind:16}{len(rows):8}{p50 * 1e3:9.2f}{p99 * 1e3:9.2f}{rows[-1][0] * 1e3:9.2f}  {rows[-1][1]}")


if __name__ == "__main__":
    main()
