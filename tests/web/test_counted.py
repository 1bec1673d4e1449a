"""What is counted of the visitors' outcomes, and that nothing of a visitor is."""

from pathlib import Path

import pytest

from presence.domain.counts import OTHER
from presence.domain.facts import Count, parts
from presence.stores.memory import MemoryStore
from presence.web.cells import Counts, Several, name
from presence.web.counting import Counting, groups
from tests.web.conftest import begin
from tests.web.service import Service, ask, serving
from tests.web.test_http import DATA, LOOK_UP
from tests.web.town import ANNA, BO, CENTRE, PIA, TOKENS, UNKNOWN, at, write_town

pytestmark = pytest.mark.anyio


async def outcomes(service: Service, *targets: str, **headers: str) -> dict[str, int]:
    """What these requests count; by topic is told apart."""
    service.surface.counts.take()
    for target in targets:
        await service.get(target, **headers)
    return {each: n for each, n in service.surface.counts.take().items() if not each.startswith("topic/")}


# --- look-ups ---


@pytest.mark.parametrize(
    "target", [LOOK_UP, f"/contacts/{ANNA}", f"/embed/{ANNA}", f"{LOOK_UP}.html", f"/v1/contacts?ids={ANNA}"]
)
async def test_a_look_up_counts_by_what_was_told_wherever_it_was_asked(town: Service, target: str) -> None:
    assert await outcomes(town, target) == {"lookup/available/": 1}


async def test_each_of_several_counts_by_itself(town: Service) -> None:
    assert await outcomes(town, f"/v1/contacts?ids={ANNA},{CENTRE},{UNKNOWN},{PIA}") == {"lookup/available/": 2, "missing": 2}


async def test_who_asks_again_and_has_it_still_looks_up_nothing_new(town: Service) -> None:
    for target in (LOOK_UP, f"/v1/contacts?ids={ANNA},{BO}", f"/contacts/{ANNA}"):
        tag = (await town.get(target)).header("etag") or ""
        assert await outcomes(town, target, if_none_match=tag) == {"again": 1}, target


async def test_hidden_and_unknown_count_alike(town: Service) -> None:
    assert await outcomes(town, f"/v1/contacts/{PIA}") == await outcomes(town, f"/v1/contacts/{UNKNOWN}") == {"missing": 1}


async def test_a_change_of_state_is_counted_as_what_it_is_now(fresh: Service) -> None:
    away = {"start": "2026-11-23", "end": "2026-11-24"}
    await fresh.put("/v1/sources/hr/people/employee:101/absences/1", away, token=TOKENS["hr"])
    fresh.turn(at("2026-11-23 09:05"))
    assert await outcomes(fresh, LOOK_UP) == {"lookup/away/": 1}


async def test_a_topic_is_counted_without_the_state_of_the_one_who_handles_it(fresh: Service) -> None:
    await fresh.get(f"{LOOK_UP}?topic=bygglov")
    await fresh.get(f"{LOOK_UP}?topic=nothing")
    assert fresh.surface.counts.take() == {"lookup/available/": 2, "topic/bygglov/lookup": 1, "topic//lookup": 1}


# --- where links led ---


async def test_a_link_counts_by_where_it_led_and_its_kind(town: Service) -> None:
    assert await outcomes(town, f"/go/{ANNA}/telephone", f"/go/{ANNA}/visit") == {
        "go/contact/telephone/": 1,
        "go/steps/visit/": 1,
    }


async def test_kinds_that_nobody_has_are_one_name_whatever_they_are_called(town: Service) -> None:
    targets = [f"/go/{ANNA}/{kind}" for kind in ("pigeon", "x" * 90, "anna%40example.se")]
    assert await outcomes(town, *targets) == {name("go", "steps", OTHER, ""): 3}


async def test_a_topics_own_service_is_reached_by_a_link_that_counts(fresh: Service) -> None:
    led = await fresh.get("/go/bygglov/self-service")
    assert (led.status, led.header("location")) == (303, "https://etjanster.example.se/bygglov")
    assert fresh.surface.counts.take() == {"self-service": 1, "topic/bygglov/self-service": 1}


@pytest.mark.parametrize("target", ["/go/nothing/self-service", f"/go/{UNKNOWN}/self-service", f"/go/{PIA}/self-service"])
async def test_where_there_is_no_service_the_link_is_the_one_404(town: Service, target: str) -> None:
    assert await town.get(target) == await town.get(f"/contacts/{UNKNOWN}")


# --- what is stored ---


async def stored(service: Service) -> dict[str, dict[str, int]]:
    facts = (await service.store.snapshot()).facts
    return {f.key: dict(f.body.counts) for f in facts if isinstance(f.body, Count) and f.body.counts}


async def test_a_process_adds_to_one_fact_an_hour(fresh: Service) -> None:
    counting = Counting(fresh.surface)
    for minute in ("01", "02", "59"):
        fresh.turn(at(f"2026-11-23 09:{minute}"))
        await fresh.get(f"/v1/contacts/{UNKNOWN}")
        await counting.flush()
    fresh.turn(at("2026-11-23 10:01"))
    await fresh.get(f"/v1/contacts/{UNKNOWN}")
    await counting.flush()
    held = {parts(name)[1]: counts for name, counts in (await stored(fresh)).items()}
    assert held == {str(at("2026-11-23 09:00")): {"missing": 3}, str(at("2026-11-23 10:00")): {"missing": 1}}


async def test_what_the_store_cannot_take_is_kept_over_the_hour(fresh: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from presence.ports import StoreUnavailable

    async def gone(*_: object) -> str:
        raise StoreUnavailable("the disk is full")

    counting = Counting(fresh.surface)
    await fresh.get(f"/v1/contacts/{UNKNOWN}")
    with monkeypatch.context() as broken:
        broken.setattr(MemoryStore, "append", gone)
        await counting.flush()
        fresh.turn(at("2026-11-23 10:01"))
        await counting.flush()
    await counting.flush()
    held = {parts(name)[1]: counts for name, counts in (await stored(fresh)).items()}
    assert held == {str(at("2026-11-23 09:00")): {"missing": 1}}


async def test_nothing_counted_writes_nothing(fresh: Service) -> None:
    counting = Counting(fresh.surface)
    await counting.flush()
    assert await stored(fresh) == {}


async def test_words_that_ten_asked_for_are_stored_with_the_hour(fresh: Service) -> None:
    for n in range(10):
        await fresh.get("/v1/contacts?q=hundskatt", client=f"192.0.2.{n}")
    await Counting(fresh.surface).flush()
    (counts,) = (await stored(fresh)).values()
    assert counts == {"vain/hundskatt": 10, "search/vain": 10}


# --- units ---


async def test_a_unit_of_few_is_counted_with_the_organisation(fresh: Service) -> None:
    """The town's units have a handful of people each."""
    assert await groups(fresh.live) == {}


async def test_units_are_found_out_again_every_hour(fresh: Service) -> None:
    counting = Counting(fresh.surface)
    fresh.surface.groups = {"x": "y"}
    await counting.group()
    assert fresh.surface.groups == {}
    fresh.surface.groups = {"x": "y"}
    await counting.group()
    assert fresh.surface.groups == {"x": "y"}
    fresh.turn(at("2026-11-23 10:05"))
    await counting.group()
    assert fresh.surface.groups == {}


async def test_a_unit_of_ten_has_counts_of_its_own_and_hidden_people_do_not_help(tmp_path: Path) -> None:
    from tests.web.town import person

    folder = write_town(tmp_path / "town")
    names = ["Ada", "Bea", "Cia", "Dag", "Eva", "Fia", "Gun", "Hugo", "Ida"]  # nine, and those who are there
    entries = [person(f"{given} Ek", 200 + n, "Stadsbyggnad") for n, given in enumerate(names)]
    with (folder / "people.ldif").open("a", encoding="utf-8") as file:
        file.write("\n\n" + "\n\n".join(entries) + "\n")
    async with serving(folder, at("2026-11-23 09:00")) as service:
        await begin(service)
        unit = (await service.get(LOOK_UP)).json()["posts"][0]["unit"]["id"]
        assert (await groups(service.live)).get(unit) == unit
        await Counting(service.surface).group()
        service.turn(at("2026-11-23 09:03"))
        assert await outcomes(service, f"/contacts/{ANNA}") == {f"lookup/available/{unit}": 1}


# --- cells ---


def test_visitors_cannot_make_the_cells_more_than_so_many() -> None:
    counts = Counts(most=3)
    for n in range(10):
        counts.add(name("topic", f"t{n}", "lookup"))
    taken = counts.take()
    assert sum(taken.values()) == 10
    assert taken[f"topic/{OTHER}"] == 8


def test_several_cells_count_together_and_are_taken_once() -> None:
    counts = Counts()
    one, other = counts.cell("a"), counts.cell("b", "c")
    Several((one, one, other)).n += 1
    assert counts.take() == {"a": 2, "b": 1, "c": 1}
    assert counts.take() == {}


# --- privacy ---


async def test_no_address_is_in_any_file_and_no_name_of_a_count_is_anybody(tmp_path: Path) -> None:
    """P18: after visits of every kind the store's files hold no address; counts hold no id, name or word of anybody."""
    folder = write_town(tmp_path / "town")
    visitors = [f"203.0.113.{n}" for n in range(1, 13)] + ["2001:db8:cafe::1"]
    async with serving(folder, at("2026-11-23 09:00"), durable=True) as service:
        await begin(service)
        for visitor in visitors:
            for target in (*DATA, "/?q=kanariefagel", "/v1/contacts?q=kanariefagel", f"/go/{ANNA}/telephone"):
                await service.get(target, client=visitor)
            form = {"content-type": "application/x-www-form-urlencoded"}
            await ask(service.app, "POST", f"/contacts/{ANNA}/reached", b"answer=no", form, visitor)
            await service.get("/v1/contacts?q=sallsynt" if visitor == visitors[0] else LOOK_UP, client=visitor)
        await Counting(service.surface).flush()
        names = {name for counts in (await stored(service)).values() for name in counts}
        kept = b"".join(file.read_bytes() for file in folder.glob("presence.sqlite*"))
    kept += b"".join(file.read_bytes() for file in folder.glob("presence.sqlite*"))
    assert b"anna@example.se" in kept  # what is held could be found like this
    assert [each for each in (b"203.0.113", b"2001:db8:cafe", b"sallsynt") if each in kept] == []
    assert "vain/kanariefagel" in names
    assert [name for name in names for contact in (ANNA, BO, PIA, CENTRE) if contact in name] == []


async def test_two_visitors_get_equal_bytes_whatever_either_did_before(fresh: Service) -> None:
    targets = (*DATA, f"/contacts/{ANNA}", f"/embed/{ANNA}", "/")
    busy, quiet = "203.0.113.1", "203.0.113.2"
    for _ in range(30):
        await fresh.get("/v1/contacts?q=hundskatt", client=busy)
        await ask(
            fresh.app,
            "POST",
            f"/contacts/{ANNA}/reached",
            b"answer=no",
            {"content-type": "application/x-www-form-urlencoded"},
            busy,
        )
    assert [await fresh.get(target, client=busy) for target in targets] == [await fresh.get(t, client=quiet) for t in targets]
