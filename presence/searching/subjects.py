"""Units and topics by what they are called, and by words that share something with it.

Words of a query add up here (citizens ask in sentences); those of names and posts must all be met (see `ranking`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from presence.domain.directory import Unit, lineage
from presence.domain.facts import TopicRecord
from presence.searching.asked import Asked, Word
from presence.searching.everyday import beginning, known, of_others, said_for
from presence.searching.folding import fold, joined, split
from presence.searching.soundkey import soundkey
from presence.searching.stems import FILLERS, KIN, WEAK, forms, headless, services, stem
from presence.searching.vocabulary import Vocabulary

MOST = 5
"""Units, and topics, in one answer."""

_FIT, _NEARLY_FIT, _BESIDE = 0.34, 0.45, 0.45
_NAME, _WORDS, _KEYWORD, _EVERYDAY, _ABOVE = 1.0, 0.97, 0.85, 0.8, 0.4  # how much a field says
_PHRASE = 0.6  # how much one word says of several that everyday language uses together
_MET, _NEARLY = 0.8, 0.6  # a word is met by a name at that, or, where slips are allowed for, at this
_SLIP = 0.72
_UNMET = 0.7  # how much a word counts that has to do with nothing here: people tell of what happened
_DOUBTFUL = 0.5  # a word as it stands, but of what others do; or mat, for mät
SURE = 0.86
"""Below this a typing error is the likelier reading."""


class Subject(NamedTuple):
    kind: Literal["unit", "topic"]
    id: str
    key: str


class Match(NamedTuple):
    """`fit`: 1 where every word is met as it is written; `whole`: every word that says anything is met by its own words."""

    fit: float
    subject: Subject
    whole: bool


class _Shared(NamedTuple):
    """A short part that a word has in common with what was typed, as that was written, and where it is in the word."""

    typed: str
    at: int


def _shared(exact: str, text: str, word: str) -> _Shared | None:
    """None where it is long, or nothing that people say: else mat in skolmaten would be taken for mät."""
    root = min(stem(text), stem(word), key=len)
    if len(exact) != len(text) or len(root) > 4 or root not in text or root not in word:
        return None
    at = text.find(root)
    typed = exact[at : at + len(root)]
    return _Shared(typed, word.find(root)) if known(typed) or known(exact) else None


class Subjects:
    """An index of all units and topics, made anew when one of them changes."""

    def __init__(self, units: Mapping[str, Unit], topics: Mapping[str, TopicRecord]) -> None:
        self._subjects: list[Subject] = []
        self._words = Vocabulary()
        self._weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._phrases: defaultdict[str, list[tuple[frozenset[str], int]]] = defaultdict(list)  # by one of their stems
        self._written: defaultdict[tuple[str, int], set[str]] = defaultdict(set)  # by word and subject
        self._words.open()
        for topic, record in topics.items():
            names = (record.name, *record.names.values())
            said = said_for(names, record.words)
            own = ((_NAME, names), (_WORDS, record.words), *_everyday(said))
            self._add(Subject("topic", topic, record.name), own)
        for unit in units.values():
            above = tuple(u.name for u in lineage(units, unit.id)[1:])
            said = said_for((unit.name,), unit.keywords)
            own = ((_NAME, (unit.name,)), (_KEYWORD, unit.keywords), *_everyday(said))
            self._add(Subject("unit", unit.id, unit.name), (*own, (_ABOVE, above)))
        self._words.close()

    def _add(self, subject: Subject, fields: tuple[tuple[float, Iterable[str]], ...]) -> None:
        slot = len(self._subjects)
        self._subjects.append(subject)
        for weight, texts in fields:
            for text in texts:
                words = [word for word in split(text) if word not in FILLERS] or split(text)
                if len(words) > 1:
                    stems = frozenset(stem(fold(word)) for word in words)
                    self._phrases[min(stems)].append((stems, slot))
                whole = ["".join(split(text))] if weight > _ABOVE else []
                for written in {*words, *joined(text), *whole}:
                    word = fold(written)
                    self._written[word, slot].add(written)
                    part = weight if len(words) == 1 or word == fold("".join(whole)) else weight * 0.95
                    if _ABOVE < weight <= _EVERYDAY and len(words) > 1 and word not in whole:
                        part *= _PHRASE
                    self._enter(word, slot, part * (0.6 if word in _WEAK else 1.0))
                    if weight == _NAME and headless(word) != word:
                        self._enter(headless(word), slot, part * 0.95)

    def _enter(self, word: str, slot: int, weight: float) -> None:
        known = self._weights[word]
        if slot not in known:
            self._words.add((word,), slot)
        known[slot] = max(weight, known.get(slot, 0.0))

    def find(
        self, asked: Asked, public: Callable[[str], bool], slips: bool, title: Callable[[str], bool]
    ) -> tuple[list[Match], list[Match]]:
        """Units and topics that fit, best first. `slips`: allow for typing errors; they must then fit better.

        `public`: whether a unit may be shown. It is asked before anything is compared with the best. `title`: whether contacts
        are known by a word. Who asks for one of these means no unit that only resembles it: bibliotekarie is not biblioteket.
        """
        words = [w for w in asked.words if len(w.folded) > 1 and not w.folded.isdigit()]
        if not words:
            return [], []
        each = self._each(asked, words, slips)
        scores = self._scores(asked, words, each)
        told = [word for word in words if word.weight == 1] or words

        def whole(slot: int) -> bool:
            return all(
                each[word.exact].get(slot, 0.0) >= (_NEARLY if slips and not known(word.exact) else _MET)
                and (not title(word.folded) or self._is_own(word.folded, slot))
                for word in told
            )

        ranked = sorted(scores.items(), key=lambda row: (-row[1], self._subjects[row[0]].key, self._subjects[row[0]].id))
        found: dict[str, list[Match]] = {"unit": [], "topic": []}
        least = _NEARLY_FIT if slips else _FIT
        for slot, fit in ranked:
            subject = self._subjects[slot]
            matches = found[subject.kind]
            if fit < least or len(matches) == MOST or (matches and fit < _BESIDE * matches[0].fit):
                continue
            if subject.kind == "topic" or public(subject.id):
                matches.append(Match(fit, subject, whole(slot)))
        return found["unit"], found["topic"]

    def _is_own(self, text: str, slot: int) -> bool:
        """Whether a subject's own words have the word, in some form."""
        words = (text, *self._words.stemmed(stem(text)), *forms(text))
        return any(self._weights.get(word, {}).get(slot, 0.0) > _EVERYDAY for word in words)

    def _each(self, asked: Asked, words: list[Word], slips: bool) -> dict[str, dict[int, float]]:
        """For each word, how well it is met by which subjects."""
        each = {word.exact: self._meant(word.folded, word.exact) for word in words}
        self._join(asked, each)
        if slips:
            for word in words:
                met = each[word.exact]
                if max(met.values(), default=0.0) < SURE and not known(word.exact):
                    for slot, fit in self._near(word.folded).items():
                        met[slot] = max(met.get(slot, 0.0), fit)
        return each

    def _scores(self, asked: Asked, words: list[Word], each: dict[str, dict[int, float]]) -> dict[int, float]:
        told = {word.exact for word in words if any(self._subjects[slot].kind == "topic" for slot in each[word.exact])}
        total = sum(word.weight * (1.0 if word.exact in told else _UNMET) for word in words)  # units may not be public
        scores: defaultdict[int, float] = defaultdict(float)
        for word in words:
            met = each[word.exact]
            rarity = max(1, sum(fit > 0.6 and self._subjects[slot].kind == "topic" for slot, fit in met.items())) ** -0.12
            for slot, fit in met.items():
                scores[slot] += word.weight / total * fit * rarity
        said = {word.stem for word in asked.all_words}
        for root in said:
            for phrase, slot in self._phrases.get(root, ()):
                if slot in scores and phrase <= said:
                    scores[slot] += 0.25
        return scores

    def _join(self, asked: Asked, each: dict[str, dict[int, float]]) -> None:
        """What neighbours mean as one word, each of them means."""
        for text, first, last in asked.joins:
            met = self._meant(text, text, parts=False)
            for word in asked.all_words[first:last] if met else ():
                into = each.setdefault(word.exact, {})
                for slot, fit in met.items():
                    into[slot] = max(into.get(slot, 0.0), fit)

    def _meant(self, text: str, exact: str, parts: bool = True) -> dict[int, float]:
        met: dict[int, float] = {}
        others, is_known = of_others(exact), known(exact)
        for word, fit in self._related(text, parts, others, is_known):
            shared = None if others else _shared(exact, text, word)
            for slot, weight in self._weights[word].items():
                doubtful = others or (shared is not None and not self._is_written(word, slot, shared))
                met[slot] = max(met.get(slot, 0.0), fit * weight * (_DOUBTFUL if doubtful else 1.0))
        return met

    def _is_written(self, word: str, slot: int, shared: "_Shared") -> bool:
        """Whether a subject has the word with the letters that were typed."""
        forms = [form for form in self._written[word, slot] if len(form) == len(word)]
        return not forms or any(form.startswith(shared.typed, shared.at) for form in forms)

    def _related(self, text: str, parts: bool, of_others: bool, known: bool) -> Iterator[tuple[str, float]]:
        """Words of subjects that may be meant, and how surely. Words of what `of_others` do are taken as they stand; those that
        are `known` are not taken for words that only begin alike."""
        words = self._words
        if text in words:
            yield text, 1.0
        if text in KIN:
            return
        if (bare := headless(text)) != text:
            yield from ((word, 0.88) for word in (bare, *services(text)) if word in words)
            yield from ((word, 0.75) for word in words.stemmed(stem(bare)))
        if len(text) > 3 and text.endswith("s") and text[:-1] in words:
            yield text[:-1], 0.93
        yield from ((word, 0.95) for word in forms(text) if word in words)
        root = stem(text)
        yield from ((word, 0.93 if len(root) > 3 else 0.7) for word in words.stemmed(root))
        if of_others:
            return
        if len(text) > 3:
            yield from ((word, 0.86) for word in words.sounding(soundkey(text)))
        if len(text) > (3 if known else 2):  # bil is no bills
            yield from ((word, 0.5 + 0.4 * len(text) / len(word)) for word in words.beginning(text))
        if not parts or len(root) < 3:
            return
        if len(root) > 3:
            yield from ((word, 0.45 + 0.4 * len(root) / len(word)) for word in words.beginning(root))
            if not known:
                yield from ((word, 0.4 + 0.35 * len(root) / len(word)) for word in words.ending(root))
        longer = beginning(text)
        for word, part in words.within(text, 3):
            if len(part) < len(longer) and text.startswith(part) and not word.startswith(longer):
                continue  # a parkeringsbot is of parkering, and not of park
            if bare != text and not bare.startswith(part):
                continue  # of the unit that it is called after, and not of what units are: byggnadsnämnden is no nämnd
            if len(text) - len(part) < (3 if known else 2) or (len(stem(part)) < 4 and part != word):
                continue
            likely = (0.35 if len(part) < 5 else 0.45) + 0.45 * len(part) / len(text)
            yield word, likely * (0.75 if known else 1.0)
        if not known:
            yield from self._kindred(text)

    def _kindred(self, text: str) -> Iterator[tuple[str, float]]:
        """Words that share their beginning: rörelsehindrad and rörelsehinder."""
        least = max(5, (len(text) * 3 + 4) // 5)
        if len(text) > least:
            for word in self._words.beginning(text[:least]):
                shared = next((i for i, (a, b) in enumerate(zip(text, word, strict=False)) if a != b), min(len(text), len(word)))
                yield word, 0.75 * shared / max(len(text), min(len(word), len(text) + 3))

    def _near(self, text: str) -> dict[int, float]:
        met: dict[int, float] = {}
        for word, slips in self._words.near(text):
            for slot, weight in self._weights[word].items():
                met[slot] = max(met.get(slot, 0.0), (_SLIP - 0.12 * (slips - 1)) * weight)
        return met


def _everyday(said: Mapping[str, float]) -> Iterator[tuple[float, tuple[str]]]:
    return ((_EVERYDAY * sure, (text,)) for text, sure in said.items())


_WEAK = frozenset(fold(word) for word in WEAK)
