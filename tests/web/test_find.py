"""The page on which a contact is found: the order of what is found, and what it says where nothing is."""

import re

import pytest

from presence.domain.views import PublicHit, PublicHits, UnitHit
from presence.web import pages
from presence.web.samples import samples
from tests.web.service import Service
from tests.web.test_pages import SITE, WORDINGS, visit

pytestmark = pytest.mark.anyio


async def test_where_nothing_fits_the_page_says_so_and_names_the_centre(town: Service) -> None:
    body = (await town.get("/?q=xqzzyplugh")).body.decode()
    assert "Vi hittade inget som passar." in body
    assert re.search(r'<h2 id="centre">', body)


async def test_where_nothing_fits_the_data_hold_the_centre_marked_as_standing_in(town: Service) -> None:
    found = (await town.get("/v1/contacts?q=xqzzyplugh")).json()
    centre = (await town.get("/v1/centre")).json()
    assert [(hit["id"], hit["instead"]) for hit in found["contacts"]] == [(centre["id"], True)]
    assert found["units"] == found["topics"] == []


async def test_the_centre_found_by_its_own_name_stands_in_for_nothing(town: Service) -> None:
    name = (await town.get("/v1/centre")).json()["name"]
    hit = (await town.get(f"/v1/contacts?q={name}")).json()["contacts"][0]
    assert hit["name"] == name
    assert "instead" not in hit


@pytest.mark.parametrize("meant", [True, False])
def test_a_unit_that_was_meant_stands_before_the_contacts(meant: bool) -> None:
    unit = UnitHit("u1", "Simhallen", ("Fritid", "Simhallen"), **({"meant": True} if meant else {}))
    hits = PublicHits((PublicHit("c1", "Anna Ek", ()),), (unit,), ())
    wording = WORDINGS["sv"]
    body = pages.render_find(hits, "simhallen", wording, SITE, visit("/", wording, samples(wording)[0])).decode()
    assert (body.index("/units/u1") < body.index("/contacts/c1")) is meant
