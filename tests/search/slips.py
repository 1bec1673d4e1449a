"""What people type who know a name almost: each class of slip drawn for random people, with everybody whom it fits as well.

Nothing here knows how the search works: a slip is made of the letters alone, and who else it fits is judged by the letters.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rapidfuzz.distance import OSA

from tests.search.municipality import Bearer, bearers

EACH = 150
"""People drawn for each class."""


class Case(NamedTuple):
    typed: str
    right: frozenset[str]  # ids of those meant


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if c.isalnum() or c == " ")


def run(text: str) -> str:
    return plain(text).replace(" ", "")


def parts(text: str) -> list[str]:
    return re.split(r"[\s-]+", text.casefold())


def _where(fits: Callable[[Bearer], bool]) -> frozenset[str]:
    return frozenset(b.id for b in bearers() if fits(b))


def _slipped(word: str, draw: random.Random, kinds: str) -> str:
    """One letter left out, doubled, changed, or two swapped."""
    at = draw.randrange(len(word) - 1)
    kind = draw.choice(kinds.split())
    return {
        "left": word[: at + 1] + word[at + 2 :],
        "swap": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        "twice": word[: at + 1] + word[at:],
        "other": word[: at + 1] + draw.choice("aeiklnorst") + word[at + 2 :],
    }[kind]


def _mail(b: Bearer, draw: random.Random) -> Iterator[Case]:
    if b.mail:
        yield Case(draw.choice((str, str.upper))(b.mail), _where(lambda o: o.mail == b.mail))


def _local_part(b: Bearer, draw: random.Random) -> Iterator[Case]:
    if b.mail:
        local = b.mail.partition("@")[0]
        yield Case(local, _where(lambda o: o.mail.partition("@")[0] == local))


def _mail_begun(b: Bearer, draw: random.Random) -> Iterator[Case]:
    local = b.mail.partition("@")[0]
    begun = b.mail[: draw.randrange(local.find(".") + 3, len(local) + 4)] if "." in local[:-3] else ""
    if begun:
        yield Case(begun, _where(lambda o: o.mail.startswith(begun)))


def _run_together(b: Bearer, draw: random.Random) -> Iterator[Case]:
    yield Case(run(b.given + b.family), _where(lambda o: run(o.given + o.family) == run(b.given + b.family)))


def _run_together_surname_first(b: Bearer, draw: random.Random) -> Iterator[Case]:
    yield Case(run(b.family + b.given), _where(lambda o: run(o.given + o.family) == run(b.given + b.family)))


def _blank_misplaced(b: Bearer, draw: random.Random) -> Iterator[Case]:
    text, at = run(b.given + b.family), len(run(b.given)) + draw.choice((-1, 1))
    if 1 < at < len(text) - 1:
        yield Case(f"{text[:at]} {text[at:]}", _where(lambda o: run(o.given + o.family) == text))


def _hyphen(b: Bearer, draw: random.Random) -> Iterator[Case]:
    if re.fullmatch(r"\w+-\w+", b.given):
        first, last = b.given.casefold().split("-")
        for given in (first + last, f"{first} {last}", f"{first}-{last}", f"{first} {last[0]}", f"{first[0]}-{last[0]}"):
            pattern = (
                [first[0], last[0]] if len(given) == 3 else [first, last[0]] if given.endswith(f" {last[0]}") else [first, last]
            )

            def fits(o: Bearer, pattern: list[str] = pattern) -> bool:
                names = parts(o.given)
                named = len(names) > 1 and names[0].startswith(pattern[0]) and names[1].startswith(pattern[1])
                return o.family == b.family and named

            yield Case(f"{given} {b.family}".casefold(), _where(fits))


def _short_given(b: Bearer, draw: random.Random) -> Iterator[Case]:
    given = b.given.casefold()
    if 3 <= len(given) <= 4:
        typed = _slipped(given, draw, "left swap")
        far = OSA.distance(plain(typed), plain(given))

        def fits(o: Bearer) -> bool:
            near = min(OSA.distance(plain(typed), plain(name)) for name in (o.given, *parts(o.given)))
            return near <= far and b.family in (o.family, *o.family.split("-"))

        if far and plain(typed) not in {plain(o.given) for o in bearers()}:
            yield Case(f"{typed} {b.family.casefold()}", _where(fits))


def _one_slip(b: Bearer, draw: random.Random) -> Iterator[Case]:
    text = f"{b.given} {b.family}".casefold()
    if len(b.given) > 3 and len(b.family) > 4:
        first, last = b.given.casefold(), b.family.casefold()
        typed = draw.choice(
            (
                f"{_slipped(first, draw, 'left swap twice other')} {last}",
                f"{first} {_slipped(last, draw, 'left swap twice other')}",
            )
        )
        far = OSA.distance(plain(typed), plain(text))
        yield Case(typed, _where(lambda o: OSA.distance(plain(typed), plain(f"{o.given} {o.family}"), score_cutoff=far) <= far))


def _first_letters(b: Bearer, draw: random.Random) -> Iterator[Case]:
    given, family = (
        plain(b.given.split("-")[0])[: draw.randrange(2, 4)],
        plain(max(parts(b.family), key=len))[: draw.randrange(3, 5)],
    )

    def fits(o: Bearer) -> bool:
        first, last = [plain(p) for p in parts(o.given)], [plain(p) for p in parts(o.family)]
        return any(
            any(p.startswith(one) for p in first) and any(p.startswith(other) for p in last)
            for one, other in ((given, family), (family, given))
        )

    yield Case(draw.choice((f"{given} {family}", f"{family} {given}")), _where(fits))


_SPELT = (
    *(
        ("sj", "sch"),
        ("sch", "sj"),
        ("stj", "sj"),
        ("sköld", "schiöld"),
        ("sköld", "sjöld"),
        ("bj", "bi"),
        ("ä", "e"),
        ("je", "ie"),
    ),
    *(("kv", "qv"), ("qv", "kw"), ("v", "w"), ("w", "v"), ("hv", "v"), ("f", "ph"), ("ph", "f"), ("th", "t"), ("t", "th")),
    *(
        ("ks", "x"),
        ("x", "ks"),
        ("z", "s"),
        ("s", "z"),
        ("c", "k"),
        ("k", "c"),
        ("ck", "k"),
        ("é", "e"),
        ("å", "aa"),
        ("ä", "ae"),
    ),
    *(
        ("ö", "oe"),
        ("ss", "s"),
        ("ll", "l"),
        ("nn", "n"),
        ("i", "y"),
        ("y", "i"),
        ("dt", "t"),
        ("d", "dh"),
        ("g", "gh"),
        ("j", "i"),
    ),
    *(("aj", "ai"), ("ai", "aj"), ("ia", "ja"), ("gj", "j"), ("hj", "j"), ("lj", "j"), ("ej", "ey"), ("ei", "ej"), ("f", "v")),
)
"""How the same sound is written otherwise; not every pair fits every name, so each is drawn where it does."""
_SOFT = re.compile(r"(?<=c)[eiyhk]|(?<=k)[eiyj]")  # where c and k are not each other's sound


def _spelt_otherwise(b: Bearer, draw: random.Random) -> Iterator[Case]:
    name = f"{b.given} {b.family}".casefold()
    pairs = [(old, new) for old, new in _SPELT if old in b.family.casefold()]
    if not pairs:
        return
    old, new = draw.choice(pairs)
    if (old in "ck" or (old, new) in (("f", "v"), ("j", "i"), ("t", "th"))) and not _safe(b.family.casefold(), old):
        return
    family = b.family.casefold().replace(old, new, 1)
    typed = draw.choice((f"{b.given.casefold()} {family}", f"{b.given[0].casefold()} {family}"))
    initial = typed.split()[0] if len(typed.split()[0]) == 1 else ""

    def fits(o: Bearer) -> bool:
        same = o.given.casefold().startswith(initial) if initial else o.given == b.given
        return (same and o.family == b.family) or plain(f"{o.given} {o.family}") in (plain(typed), plain(name))

    yield Case(typed, _where(fits))


def _safe(word: str, old: str) -> bool:
    at = word.find(old)
    after, before = word[at + 1 : at + 2], word[at - 1 : at] if at else ""
    if old in "ck":
        return after not in "eiyhkäöj" and before not in "cs" and after != ""
    if old == "f":
        return after in ("s", "")
    if old == "j":
        return before in "bfmnp" and after in "aoö" and before != ""
    return after in "aeiouyåäö" and before not in "ts"


CLASSES: dict[str, Callable[[Bearer, random.Random], Iterator[Case]]] = {
    "an e-mail address": _mail,
    "the part before the @": _local_part,
    "an e-mail address begun": _mail_begun,
    "names run together": _run_together,
    "names run together, surname first": _run_together_surname_first,
    "a blank misplaced": _blank_misplaced,
    "a hyphen otherwise": _hyphen,
    "a slip in a short given name": _short_given,
    "one slip": _one_slip,
    "first letters of both names": _first_letters,
    "spelt otherwise": _spelt_otherwise,
}


def cases(name: str) -> list[Case]:
    """Of one class, the same in every run."""
    draw = random.Random(f"slips of {name}")
    people = draw.sample(bearers(), len(bearers()))
    found: list[Case] = []
    for person in people:
        if len(found) >= EACH:
            break
        found += CLASSES[name](person, draw)
    return found
