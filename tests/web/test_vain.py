"""Words that are asked for in vain are known from ten visitors on, and before that to nobody."""

import gc
import sys
from collections.abc import Iterator

import pytest

from presence.web.vain import DAY, REST, Vain, kept_form
from tests.web.service import Service

pytestmark = pytest.mark.anyio
SECRET = "kanariefagel"


def ask(vain: Vain, words: str, visitors: range, now: float = 0, found: bool = False) -> None:
    for n in visitors:
        vain.asked(words, f"192.0.2.{n}", now, found)


def test_ten_visitors_make_a_word_known_and_nine_do_not() -> None:
    vain = Vain()
    ask(vain, "hundskatt", range(9))
    assert vain.take() == {}
    ask(vain, "hundskatt", range(9, 10))
    assert vain.take() == {"hundskatt": 10}


def test_further_visitors_are_counted_one_by_one() -> None:
    vain = Vain()
    ask(vain, "hundskatt", range(14))
    assert vain.take() == {"hundskatt": 14}
    ask(vain, "hundskatt", range(14, 15))
    assert vain.take() == {"hundskatt": 1}


def test_one_visitor_who_asks_a_hundred_times_is_one() -> None:
    vain = Vain()
    for _ in range(100):
        ask(vain, "hundskatt", range(1))
    assert vain.take() == {}


def test_a_whole_ipv6_network_is_one_visitor() -> None:
    vain = Vain()
    for n in range(50):
        vain.asked("hundskatt", f"2001:db8::{n:x}", 0, False)
    assert vain.take() == {}


def test_the_ten_have_to_ask_within_a_day() -> None:
    vain = Vain()
    ask(vain, "hundskatt", range(9))
    ask(vain, "hundskatt", range(9, 10), now=DAY)
    assert vain.take() == {}


def test_what_is_found_is_not_in_vain() -> None:
    vain = Vain()
    ask(vain, "bygglov", range(20), found=True)
    assert vain.take() == {}


def test_who_types_on_asks_for_the_whole_word() -> None:
    vain = Vain()
    for n in range(10):
        for second, typed in enumerate(("hu", "hunds", "hundskatt")):
            vain.asked(typed, f"192.0.2.{n}", second, False)
    assert vain.take() == {"hundskatt": 10}


def test_who_types_on_and_finds_something_asked_for_nothing_in_vain() -> None:
    vain = Vain()
    for n in range(10):
        vain.asked("bygl", f"192.0.2.{n}", 0, False)
        vain.asked("byglov", f"192.0.2.{n}", 1, True)
    assert vain.take() == {}


def test_another_question_takes_nothing_back_and_neither_does_a_later_one() -> None:
    vain = Vain()
    for n in range(10):
        vain.asked("hundskatt", f"192.0.2.{n}", 0, False)
        vain.asked("katt", f"192.0.2.{n}", 1, False)
        vain.asked("katten", f"192.0.2.{n}", 2 + REST, False)
    assert vain.take() == {"hundskatt": 10, "katt": 10, "katten": 10}


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("Hundskatt", "hundskatt"),
        ("  Snöröjning,  SKOLAN!", "snorojning skolan"),
        ("Anna-Karin", "anna karin"),
        ("19121212-1212", ""),
        ("anna 070", ""),
        ("anna@example.se", ""),
        ("www.example.se", ""),
        ("https:x", ""),
        ("x", ""),
        ("å" * 41, ""),
        ("ord " * 30, ""),
        ("\u0664\u0662 ord", ""),
        ("", ""),
    ],
)
def test_a_word_is_kept_folded_bounded_and_without_numbers_and_addresses(asked: str, kept: str) -> None:
    assert kept_form(asked) == kept


def test_memory_is_bounded_and_the_oldest_is_forgotten() -> None:
    vain = Vain(most=100)
    ask(vain, "first", range(9))
    for n in range(500):
        vain.asked("ord " + "".join(chr(97 + n // 26**i % 26) for i in range(3)), f"198.51.{n // 200}.{n % 200}", 0, False)
    ask(vain, "first", range(9, 10))
    assert vain.take() == {}
    assert len(vain._asked) <= 100
    assert len(vain._typed) <= 100


def test_words_that_very_many_ask_for_do_not_fill_the_memory_either() -> None:
    vain = Vain(k=2, most=10)
    for n in range(5_000):
        word = "ord " + "abcdefghijklmnopqrst"[n % 20]
        vain.asked(word, f"198.{n // 60_000}.{n // 250 % 250}.{n % 250}", 0, False)
        held = [len(word.visitors) for word in vain._asked.values()]
        assert len(held) <= 10
        assert sum(held) == vain._digests <= 20


def texts(root: object) -> Iterator[str]:
    """Every text that can be reached from an object."""
    seen: set[int] = set()
    todo = [root]
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type | type(sys)) or callable(each):
            continue
        seen.add(id(each))
        if isinstance(each, str | bytes):
            yield each if isinstance(each, str) else each.decode("latin-1")
        else:
            todo += gc.get_referents(each)
            todo += list(each) if isinstance(each, dict) else []


def test_before_the_tenth_the_word_is_not_even_in_memory_nor_is_any_address() -> None:
    vain = Vain()
    ask(vain, "".join(("kanarie", "fagel")), range(9))
    known = set(texts(vain))
    assert not any(SECRET in text or "192.0.2" in text for text in known)
    ask(vain, "".join(("kanarie", "fagel")), range(9, 10))
    assert SECRET in set(texts(vain))
    assert not any("192.0.2" in text for text in texts(vain))


# --- through the service ---


async def test_searches_by_page_and_by_script_count_alike(fresh: Service) -> None:
    for n in range(10):
        target = "/?q=hundskatt" if n % 2 else "/v1/contacts?q=hundskatt"
        assert (await fresh.get(target, client=f"192.0.2.{n}")).status == 200
    assert fresh.surface.vain.take() == {"hundskatt": 10}
    assert fresh.surface.counts.take() == {"search/vain": 10}


async def test_what_is_found_counts_as_found(fresh: Service) -> None:
    for n in range(12):
        await fresh.get("/v1/contacts?q=anna", client=f"192.0.2.{n}")
    assert fresh.surface.vain.take() == {}
    assert fresh.surface.counts.take() == {"search/found": 12}


@pytest.mark.parametrize(("asked", "kept"), [("pia skog", False), ("skog", False), ("trollkarl", True)])
async def test_the_name_of_somebody_who_is_protected_is_not_kept_however_many_ask_for_it(
    town: Service, asked: str, kept: bool
) -> None:
    """Pia Skog is; her name would otherwise stand in a report."""
    town.surface.vain.take()
    for n in range(12):
        await town.get(f"/v1/contacts?q={asked.replace(' ', '+')}", client=f"198.51.100.{n}")
    town.turn(int(town.clock.t) + 60)
    assert (asked in town.surface.vain.take()) == kept


def test_passers_by_are_counted_once_each_however_often_they_type_on() -> None:
    """Nine who meant it, and twenty who went on to a longer word at once: never more than there were."""
    vain = Vain()
    ask(vain, "padelhall", range(9))
    for n in range(20):
        ask(vain, "padelhall", range(100 + n, 101 + n), now=n)
        ask(vain, "padelhalla", range(100 + n, 101 + n), now=n + 1)
    assert vain.take()["padelhall"] <= 29


def test_whom_a_word_names_is_looked_up_once_in_a_while_and_not_for_each_visitor() -> None:
    looked: list[str] = []

    def names_somebody(words: str) -> bool:
        looked.append(words)
        return False

    vain = Vain(names_somebody=names_somebody)
    ask(vain, "padelhall", range(200))
    assert looked == ["padelhall"]
