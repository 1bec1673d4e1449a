"""Budgets: of one address, of all together, and of look-ups, which go on when everything else is used up."""

from pathlib import Path

import pytest

from presence.web.budgets import Budgets
from presence.web.visitors import Period, network
from tests.web.conftest import begin
from tests.web.service import Service, serving
from tests.web.test_http import LOOK_UP, SEARCH
from tests.web.town import ANNA, UNKNOWN, at, write_town

pytestmark = pytest.mark.anyio


def test_an_address_has_its_own_budget_by_the_minute() -> None:
    budgets = Budgets(each=2)
    assert [budgets.look_up("a", 0), budgets.spend("a", 1)] == [True, True]
    assert [budgets.look_up("a", 2), budgets.spend("a", 3)] == [False, False]
    assert budgets.spend("b", 4)
    assert budgets.look_up("a", 60)


def test_all_together_have_one_that_look_ups_do_not_touch() -> None:
    budgets = Budgets(each=0, all_together=3)
    assert [budgets.spend(str(n), 0) for n in range(5)] == [True] * 3 + [False] * 2
    assert all(budgets.look_up(str(n), 0) for n in range(100))
    assert budgets.spend("x", 61)


def test_look_ups_have_one_too_where_it_is_set() -> None:
    budgets = Budgets(each=0, lookups=3)
    assert [budgets.look_up(str(n), 0) for n in range(5)] == [True] * 3 + [False] * 2
    assert budgets.spend("x", 0)


def test_what_all_may_ask_is_divided_among_the_processes() -> None:
    budgets = Budgets(each=0, all_together=10, lookups=10, processes=4)
    assert [budgets.spend("x", 0) for _ in range(4)] == [True] * 3 + [False]
    assert [budgets.look_up("x", 0) for _ in range(4)] == [True] * 3 + [False]


def test_a_look_up_given_back_is_not_counted() -> None:
    budgets = Budgets(each=1, lookups=1)
    for _ in range(5):
        assert budgets.look_up("2001:db8::1", 0)
        budgets.give_back("2001:db8::1")


def test_a_clock_that_is_set_back_shuts_nobody_out() -> None:
    budgets = Budgets(each=1)
    assert budgets.spend("a", 1_000)
    assert not budgets.spend("a", 1_001)
    assert budgets.spend("a", 10)


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a:b", "a:b"),
        ("", ""),
    ],
)
def test_a_visitor_is_an_ipv4_address_or_a_network_of_ipv6(address: str, whole: str) -> None:
    assert network(address) == whole


def test_digests_of_two_periods_or_processes_have_nothing_in_common() -> None:
    one, other = Period(3600), Period(3600)
    digests = set()
    for period in (one, other):
        for now in (0, 3600, 7200):
            assert period.turned(now)
            assert not period.turned(now + 3599)
            assert period.digest("192.0.2.7") == period.digest("192.0.2.7")
            digests.add(period.digest("192.0.2.7"))
    assert len(digests) == 6


# --- the service ---


async def limited(tmp_path: Path, **settings: int) -> Path:
    folder = write_town(tmp_path / "town")
    file = folder / "presence.toml"
    text = file.read_text("utf-8").replace("budget_all = 0\n", "".join(f"{name} = {n}\n" for name, n in settings.items()))
    file.write_text(text, "utf-8")
    return folder


async def from_anywhere(service: Service, target: str, count: int) -> list[int]:
    """From as many addresses."""
    return [(await service.get(target, client=f"198.51.{n // 200}.{n % 200}")).status for n in range(count)]


@pytest.mark.parametrize("target", [SEARCH, f"/contacts/{ANNA}", f"/go/{ANNA}/telephone", f"/v1/contacts/{UNKNOWN}"])
async def test_over_the_budget_of_all_everything_is_refused_but_look_ups(tmp_path: Path, target: str) -> None:
    async with serving(await limited(tmp_path, budget_all=20), at("2026-11-23 09:00")) as service:
        await begin(service)
        first, *_, last = statuses = await from_anywhere(service, target, 25)
        assert (statuses.count(first), last) == (20, 429)
        refused = await service.get(target, client="203.0.113.9")
        assert 1 <= int(refused.header("retry-after") or "") <= 61
        assert b"019-21 10 00" in refused.body
        assert set(await from_anywhere(service, LOOK_UP, 100)) == {200}
        assert set(await from_anywhere(service, f"/v1/contacts?ids={ANNA}", 100)) == {200}
        service.turn(at("2026-11-23 09:01") + int(refused.header("retry-after") or ""))
        assert (await service.get(target)).status == first


async def test_look_ups_are_refused_over_a_budget_of_their_own(tmp_path: Path) -> None:
    async with serving(await limited(tmp_path, budget_lookups=20), at("2026-11-23 09:00")) as service:
        await begin(service)
        statuses = await from_anywhere(service, LOOK_UP, 25)
        assert statuses == [200] * 20 + [429] * 5
        assert set(await from_anywhere(service, f"/contacts/{ANNA}", 30)) == {200}
