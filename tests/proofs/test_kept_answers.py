"""An answer that is kept is the answer that would be made anew: what it was made from covers all that could change it."""

from collections import Counter
from collections.abc import AsyncIterator
from random import Random

import msgspec
import pytest

from presence.domain import audience
from presence.domain.referral import Enquiry
from tests.proofs.municipality import FULL, goes_on, municipality, public
from tests.web.service import Service
from tests.web.town import DAY, at

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(1_800)]

BEGIN = at("2026-11-25 07:00")
PEOPLE = 400 if FULL else 120
DAYS = 3 if FULL else 1
TOPICS = ("", "bygglov")


@pytest.fixture(scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    async with municipality(tmp_path_factory.mktemp("municipality"), BEGIN) as service:
        yield service


def anew(service: Service, contact: str, topic: str) -> bytes:
    """The body, made from the facts alone: nothing that was found before is used."""
    board = service.board
    enquiry = Enquiry(board.public, board.tick, service.rules.tick, topic)
    view = audience.contact_view(enquiry, contact, service.surface.speaker(""))
    assert view
    return msgspec.json.encode(view)


async def test_at_any_tick_of_the_day_a_kept_answer_is_the_one_made_anew(service: Service) -> None:
    """At odd moments, some close together; now and then the sources are read in between."""
    draw, seen, changes = Random(7), Counter[str](), 0
    people = draw.sample(public(service, 2_000), PEOPLE)
    before: dict[tuple[str, str], bytes] = {}
    t = BEGIN + 60
    while t < BEGIN + DAYS * DAY:
        if draw.random() < 0.15:
            await goes_on(service, t)
        else:
            service.turn(t)
        for contact in people:
            for topic in TOPICS:
                kept = (await service.get(f"/v1/contacts/{contact}{f'?topic={topic}' if topic else ''}")).body
                assert kept == anew(service, contact, topic), (contact, topic, t)
                changes += before.get((contact, topic), kept) != kept
                before[contact, topic] = kept
                seen[msgspec.json.decode(kept)["availability"]["status"]] += 1
        t += draw.choice((30, 60, 300, 900, 1_800, 3_600))
    assert set(seen) == {"available", "busy", "away", "closed", "unknown"}
    assert changes > PEOPLE
