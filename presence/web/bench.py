"""The bench of the demonstration: what to copy into another site, the live card, every state, and a clock to move."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.params import FromQuery, QueryParameter
from msgspec.structs import replace

from presence.domain import audience
from presence.domain.intervals import Instant
from presence.web import pages
from presence.web.given import Language, TheFront, TheSearchBox
from presence.web.responding import Asked
from presence.web.samples import samples
from presence.web.search_box import SearchBox

CAST = ("Anna Åström", "Per-Erik Håkansson", "Sara Öhman", "Abdi Warsame", "Gösta Ångström", "Märta Öst", "Emma Hedlund")
"""People of the demonstration who are worth looking at: see docs/demo.md."""

_FAR = 370 * 86_400  # seconds; the clock moves about a year each way


class Bench(Controller):
    """One page, of the demonstration only."""

    include_in_schema = False

    @get("/demo/widget")
    async def bench(
        self,
        request: Asked,
        front: TheFront,
        search_box: TheSearchBox,
        lang: Language = "",
        scheme: FromQuery[str] = "",
        at: FromQuery[str] = "",
        who: Annotated[str, QueryParameter(name="contact")] = "",
    ) -> Response[bytes]:
        """`at`: a local time, such as 2026-11-25T10:42, for which the card is shown; it is then no live one."""
        if not front.site.demo:
            return front.missing(request, lang)
        surface, wording = front.surface, front.wording(lang)
        zone = ZoneInfo(surface.live.board.rules.zone)
        now = surface.live.at_tick()
        moved = _moment(at, zone, now) if front.elsewhen else None
        board = await front.elsewhen(moved) if front.elsewhen and moved is not None else surface.live.board
        people = list(_cast(search_box, surface.language(lang)))
        chosen = who if who in dict(people) else (people[0][0] if people else "")
        enquiry, speaker = board.enquiry(), wording.at(board.tick)
        view = audience.contact_view(enquiry, chosen, speaker)
        if view is None:
            return front.missing(request, lang)
        visit = replace(front.visit(request, lang), scheme=scheme if scheme in ("light", "dark") else "")
        if moved is not None:
            visit = replace(visit, tick=board.tick, centre=audience.centre_view(enquiry, speaker), at=_local(moved, zone))
        clock = pages.BenchClock(
            _local(visit.tick, zone),
            moved is not None,
            [(wording.dated(t), _local(t, zone)) for t in _worth_seeing(now, zone)] if front.elsewhen else [],
            people,
            chosen,
        )
        body = pages.render_bench(view, samples(wording, address=front.site.address), wording, front.site, visit, clock)
        return front.page(request, body)


def _cast(search_box: SearchBox, language: str) -> Iterator[tuple[str, str]]:
    for name in CAST:
        hit = next((hit for hit in search_box.hits(name, language).contacts if name in hit.name), None)
        if hit:
            yield hit.id, hit.name


def _moment(written: str, zone: ZoneInfo, now: Instant) -> Instant | None:
    """A local time as a form sends it; None for what is none, or too far away."""
    try:
        t = int(datetime.fromisoformat(written).replace(tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return None
    return t if abs(t - now) < _FAR else None


def _local(t: Instant, zone: ZoneInfo) -> str:
    """As a field of a form holds it."""
    return datetime.fromtimestamp(t, zone).strftime("%Y-%m-%dT%H:%M")


def _worth_seeing(now: Instant, zone: ZoneInfo) -> Sequence[Instant]:
    """The next working morning, lunch hour and evening, Saturday, and the eve of midsummer: times at which the card differs."""
    today = datetime.fromtimestamp(now, zone).date()
    days = [today + timedelta(days=n) for n in range(1, 370)]
    weekday = next(d for d in days if d.weekday() < 5)
    saturday = next(d for d in days if d.weekday() == 5)
    midsummer_eve = next(d for d in days if d.month == 6 and 19 <= d.day <= 25 and d.weekday() == 4)
    wanted = [(weekday, time(hour, 15)) for hour in (9, 12, 19)] + [(saturday, time(11)), (midsummer_eve, time(10))]
    return [int(datetime.combine(day, clock, zone).timestamp()) for day, clock in wanted]
