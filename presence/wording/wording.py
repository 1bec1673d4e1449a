"""All texts of one language, and how they are loaded."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from babel import Locale, UnknownLocaleError

from presence.domain.intervals import Instant
from presence.domain.rules import KINDS, Kind
from presence.wording import catalogue, display
from presence.wording.moments import Moments
from presence.wording.speech import Speech

_NEVER_BORROWED = ("format.", "language.")
_FIRST_STRONG, _POP = "\u2068", "\u2069"  # isolate what may run the other way


class Wording:
    """One language. `direction` is "ltr" or "rtl"; `name` is what the language calls itself; `phrases`: what the organisation
    wrote itself and has in this language."""

    def __init__(
        self,
        language: str,
        texts: Mapping[str, str],
        zone: str,
        kinds: Sequence[Kind],
        region: str,
        phrases: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.language = language
        self._phrases = phrases or {}
        self.phrases = frozenset(self.own(phrase) for phrase in self._phrases if self._own(phrase))
        self._texts = texts
        self.kinds: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        self._region = region
        locale = _locale(texts.get("format.locale", language))
        self.direction: str = locale.text_direction
        self.moments = Moments(locale, zone, self.text, self.find)
        self.name: str = self.find("language.name") or (locale.get_display_name(locale) or language).capitalize()

    def at(self, now: Instant) -> Speech:
        """To speak as of an instant."""
        return Speech(self, now)

    def text(self, name: str, /, **values: str) -> str:
        """A text by name; an organisation's own (`OWN`) is empty where it wrote none. Raises KeyError for any other name."""
        text = self.find(name) if name in catalogue.OWN else self._texts[name]
        if self.direction == "rtl":
            values = {k: f"{_FIRST_STRONG}{v}{_POP}" for k, v in values.items()}
        return catalogue.fill(text, values)

    def find(self, name: str, /) -> str:
        """A text as it stands, or nothing."""
        return self._texts.get(name, "")

    def own(self, phrase: str) -> str:
        """What the organisation wrote itself, in this language where it wrote that too."""
        return self._own(phrase) or phrase

    def _own(self, phrase: str) -> str:
        label = self._phrases.get(phrase, {})
        return next((label[n] for n in catalogue.variants(self.language) if n in label), "")

    # --- parts ---

    def label(self, kind: str) -> str:
        """What a kind of channel is called."""
        labels = self.kinds[kind].label if kind in self.kinds else {}
        for language in (*catalogue.chain(self.language, labels), ""):
            if label := labels.get(language):
                return label
        return next(iter(labels.values()), kind)

    def display(self, kind: str, value: str) -> str:
        """A number in national form, a web address without its scheme; other values as they are."""
        scheme = self.kinds[kind].scheme if kind in self.kinds else ""
        if scheme not in ("tel", "sms"):
            return display.address(value)
        number, extension = display.number(value, self._region)
        return self.text("channel.extension", number=number, extension=extension) if extension else number

    def target(self, kind: str, value: str) -> str:
        """A link that dials, mails or opens exactly this value; empty where there is none."""
        return display.target(value, self.kinds[kind].scheme if kind in self.kinds else "")

    def clock(self, now: Instant) -> str:
        """The time of day."""
        return self.moments.clock(self.moments.local(now))

    def dated(self, now: Instant) -> str:
        """Day and time in full, for paper."""
        return self.moments.dated(now)


def load(
    languages: Iterable[str],
    zone: str,
    overrides: Mapping[str, Mapping[str, str]] | None = None,
    kinds: Sequence[Kind] = KINDS,
    region: str = "SE",
    directories: Sequence[Path] = (),
    phrases: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Wording]:
    """The wordings of an installation, read once at its start.

    `overrides`: an organisation's own texts by name and language ("" for every language); `directories`: where further
    catalogues lie; `phrases`: see `Wording.own`. Raises BadCatalogue for a language that has none.
    """
    files = catalogue.languages((catalogue.BUILT_IN, *directories))
    read = {name: catalogue.read(path) for name, path in files.items()}
    found = {}
    for language in languages:
        if language not in read:
            known = ", ".join(sorted(read))
            raise catalogue.BadCatalogue(f"there is no catalogue {language}.po; there are: {known}")
        found[language] = Wording(language, _texts(language, read, overrides or {}), zone, kinds, region, phrases)
    return found


def _texts(language: str, read: Mapping[str, Mapping[str, str]], overrides: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """All texts of one language: borrowed ones first, then its own, then the organisation's."""
    texts: dict[str, str] = {}
    root = language.partition("-")[0]
    for lender in reversed(catalogue.chain(language, read)):
        foreign = lender.partition("-")[0] != root
        texts |= {k: v for k, v in read[lender].items() if not (foreign and k.startswith(_NEVER_BORROWED))}
    by_norm = {catalogue.norm(name): name for name in (*texts, *catalogue.OWN)}
    for key, label in overrides.items():
        name = by_norm.get(catalogue.norm(key))
        lenders = catalogue.chain(language, label) if name in catalogue.OWN else (language, root)
        if name and (text := next((label[n] for n in (*lenders, "") if n in label), "")):
            texts[name] = text
    return texts


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.split("-")[0])
    except (ValueError, UnknownLocaleError):
        return Locale("en")
