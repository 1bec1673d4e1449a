"""The part of a word that its forms share, and where words are too common to tell anything."""

import re
from functools import lru_cache

_ENDINGS = (
    "heterna heten heter ningarna ningens ningen ningar ning arnas ernas ornas arna erna orna andet anden ande endet ende "
    "arens aren are erar erad erat era ionerna ioner ionen ion ade ast ad at as ar er or en ens et ets an ans na a e n t s "
    "ied ies ing ings ed y"
)
_LONGEST_FIRST = sorted(_ENDINGS.split(), key=len, reverse=True)
_SHORT = frozenset("nt")  # end many words that are no form of a shorter one
_OTHERWISE = {"parking": "parkering"}  # would be the form of another word
_SYNCOPE = re.compile(r"(?<=tt)n$|(?<=st)r$")  # vattnet, of vatten; fönstret, of fönster


@lru_cache(65_536)
def stem(word: str) -> str:
    """A folded Swedish (or English) word without its ending: plogning, plogas and plogat give plog. Three letters stay."""
    word = _OTHERWISE.get(word, word)
    if len(word) > 5 and word.endswith("um") and word[-3] in "ie":  # gymnasium, gymnasiet; museum, museet
        return word[:-2]
    if len(word) > 4 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in _LONGEST_FIRST:
        left = len(word) - len(ending)
        if left >= (5 if ending in _SHORT else 3) and word.endswith(ending):
            word = _SYNCOPE.sub("", word[:left])
            break
    return word[:-2] + "l" if len(word) > 4 and word.endswith("el") else word  # tröskel, trösklar


_DEFINITE = ("s", "n", "t", "en", "et", "er", "ar", "or")


def bare(word: str) -> list[str]:
    """What a folded word may be a form of, where `stem` takes too much of one of both: familjerätten, of familjerätt."""
    return [word[: -len(ending)] for ending in _DEFINITE if len(word) > len(ending) + 4 and word.endswith(ending)]


def forms(word: str) -> list[str]:
    """What a folded word may be a form of, and what forms it may have: gruppbostad and gruppbostaden."""
    return [*bare(word), *(word + ending for ending in _DEFINITE if len(word) > 4)]


_HEADS = ("avdelning", "forvaltning", "kontor", "enhet", "sektion", "byra", "namnd", "verksamhet")
_HEAD = re.compile(rf"(?<=\w\w)s?(?:{'|'.join(_HEADS)})(?:en|n|et|er|erna|s|ens|ets)?$")


@lru_cache(65_536)
def headless(word: str) -> str:
    """A folded name of a unit without what units are: personalavdelningen gives personal; the word itself where that is all."""
    return _HEAD.sub("", word)


def services(word: str) -> list[str]:
    """The services that a folded name of an administration may stand for: socialförvaltningen, of socialtjänst."""
    of = headless(word)
    return [of + "tjanst", of + "stjanst"] if of != word else []


_FILLERS = (
    "jag du han hon den det de dem vi ni man min mitt mina din ditt dina sin sitt sina vår vårt våra er ert era mig dig oss "
    "och eller men om att som när var vart vad vem vilka vilken vilket hur varför är varit vara bli blir blev ha har hade "
    "kan kunde ska skall skulle vill ville måste bör får fick få gör göra gjort på i till för från med utan av vid under "
    "över efter hos mot genom mellan inom en ett inte inget ingen inga någon något några alla allt så då nu här där också "
    "bara fel hej tack snälla idag imorgon ju väl hela hennes deras mer mycket behöver behöva fått kom kommer komma går gå "
    "ligger finns heter prata tala kontakta kontakt nå ringa någonstans the a an of to for from in on at by my your our is "
    "are was be do does did can could how what where when who which and or with about need want have has get please "
    "i me we you this that there up put am if sig sen igen sönder också annan annat utanför länge längre kvar ens"
)
FILLERS = frozenset(_FILLERS.split())
"""Words that are dropped where others remain; in `plain` form."""

_WEAK = (
    "söka söker sök ansöka ansökan anmäla anmälan boka bokning beställa hyra köpa fråga frågor hjälp information info "
    "kostar kostnad pris avgift öppettider öppet tider telefon telefonnummer nummer numret mail mejl epost adress adressen "
    "hans hitta kommun kommunen ny nytt nya gammal gammalt hög bra dålig stor liten barn barnet lämna ge ändra starta börja "
    "läsa se säga upp ta bort datum tid kö vuxen vuxna person personer avdelning avdelningen enhet enheten förvaltning "
    "förvaltningen kontoret ansvarig apply application "
    "book order buy rent question help cost price hours opening open phone number new old expedition "
    "expeditionen reception receptionen byta lära hemma"
)
_KIN = (
    "mamma mammas mamman pappa pappas mormor mormors farmor farmors morfar farfar son sonen dotter dottern sambo sambon make "
    "maka syster bror kompis mother mum mom father dad son daughter husband wife partner"
)
KIN = frozenset(_KIN.split())
"""People whom a question is asked for: such a word is no form of another, as pappa of papper; in `plain` form."""
WEAK = KIN | frozenset(_WEAK.split())
"""Words that many matters share: they count, but little; in `plain` form."""
