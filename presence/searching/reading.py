"""What a word of a query may stand for: the word itself, its beginning, sound, nickname, or what it was a slip of."""

from typing import NamedTuple

from presence.searching.asked import Word
from presence.searching.everyday import known
from presence.searching.nicknames import counterparts
from presence.searching.soundkey import soundkey
from presence.searching.stems import bare, stem
from presence.searching.titles import other_words
from presence.searching.vocabulary import Vocabulary

EXACT, PREFIX, SOUND, NICKNAME, INITIAL, SLIP = 100, 90, 85, 80, 70, 60  # in a name; of a title, unit or keyword less
_MATTER, _PART, _OTHER = 22, 45, 67


class Meaning(NamedTuple):
    """What a word may stand for: words of names, and of matters, with their scores."""

    word: Word
    names: dict[str, int]
    matters: dict[str, int]


class Reading:
    """Reads words by the two vocabularies: of names, and of titles, units and keywords."""

    def __init__(self, names: Vocabulary, about: Vocabulary) -> None:
        self._names = names
        self._about = about

    def exactly(self, word: Word) -> Meaning:
        names, matters = self._names, self._about
        text = word.folded
        return Meaning(word, {text: EXACT} if text in names else {}, {text: EXACT - _MATTER} if text in matters else {})

    def plain(self, word: Word) -> Meaning:
        text, key = word.folded, soundkey(word.folded)
        names, matters = self._names, self._about
        if len(text) == 1:
            return Meaning(word, dict.fromkeys(names.beginning(text), INITIAL) | {text: EXACT}, {})
        named: dict[str, int] = {}
        if not text.isdigit():
            for other in counterparts(text):
                named.update(dict.fromkeys(names.sounding(other), NICKNAME))
                if other in names:
                    named[other] = NICKNAME
        named.update(dict.fromkeys(names.sounding(key), SOUND))
        named.update(dict.fromkeys(names.beginning(text), PREFIX))
        named[text] = EXACT
        about = dict.fromkeys(matters.sounding(key), SOUND - _MATTER) if len(text) > 3 else {}
        about.update(dict.fromkeys(matters.beginning(text), PREFIX - _MATTER - 4))
        about.update((form, _OTHER) for other in other_words(text) for form in matters.stemmed(other))
        about.update(dict.fromkeys(matters.stemmed(word.stem), PREFIX - _MATTER))
        about.update((form, PREFIX - _MATTER) for form in bare(text) if form in matters)
        about[text] = EXACT - _MATTER
        return Meaning(word, named, about)

    def form(self, word: Word) -> Meaning:
        """The word or another form of it, and nothing that only begins so: namn is no nämnd."""
        meaning, matters = self.exactly(word), self._about
        return meaning._replace(matters=dict.fromkeys(matters.stemmed(word.stem), PREFIX - _MATTER) | meaning.matters)

    def part(self, meaning: Meaning) -> Meaning:
        """Also heads of compounds: a chef is an enhetschef. What people say of services is none: gifta is not matförgiftad."""
        word, matters = meaning.word, self._about
        if len(word.stem) < 4 or known(word.exact):
            return meaning
        about = dict.fromkeys(matters.ending(word.stem), _PART)
        return Meaning(word, meaning.names, about | meaning.matters)

    def named(self, word: Word) -> Meaning:
        """Names alone, as they stand, begin or sound."""
        names = dict.fromkeys(self._names.sounding(soundkey(word.folded)), SOUND)
        names |= dict.fromkeys(self._names.beginning(word.folded), PREFIX if len(word.folded) > 1 else INITIAL)
        return Meaning(word, names | {word.folded: EXACT}, {})

    def near(self, meaning: Meaning, beside: bool = False, far: bool = False) -> Meaning:
        """Also words a slip or two away, and those of which the query is a compound.

        `beside` a name that is written as it is, a slip in two or three letters is one too; `far`: and one slip more. Alone, a
        word that people say of some service is no slip.
        """
        if not beside and known(meaning.word.exact):
            return meaning
        text, matters = meaning.word.folded, self._about
        names = dict.fromkeys(self._names.alike(text), SLIP - 16) if len(text) > 3 else {}
        for each, d in self._names.near(text, least=2 if beside else 4, more=far):
            names[each] = max(names.get(each, 0), SLIP - 8 * d + _kin(text, each))
        about = {w: _PART * len(part) // len(text) - 5 for w, part in matters.within(text, 5) if part == w or len(stem(part)) > 3}
        about |= {w: SLIP - 10 - 8 * d for w, d in matters.near(text)}
        return Meaning(meaning.word, names | meaning.names, about | meaning.matters)


def _kin(typed: str, meant: str) -> int:
    """Of words as many slips away: swapped letters, and one left out, are likelier than others; the first is seldom wrong."""
    return 2 * (typed[0] == meant[0]) + 2 * (len(meant) > len(typed)) + 3 * (sorted(typed) == sorted(meant))
