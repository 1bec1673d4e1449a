"""No error that the public meets is a dead end: as data or as a page it names the centre."""

import pytest

from presence.web.guard import Hosts
from presence.web.refusals import Refusals
from tests.web.service import Answer, Service, ask, deliver
from tests.web.town import ANNA, CENTRE

pytestmark = pytest.mark.anyio

LONG = "a" * 3_000
WRONG = [
    ("GET", "/v1/contacts?q=a", 400),
    ("GET", "/v1/contacts?q=" + "a" * 201, 400),
    ("GET", "/v1/contacts?ids=" + ",".join(f"{n:016d}" for n in range(21)), 400),
    ("GET", "/v1/contacts?q=an%00na", 400),
    ("GET", f"/v1/{LONG}", 414),
    ("DELETE", f"/v1/contacts/{ANNA}", 405),
    ("GET", "/?q=" + "a" * 201, 400),
    ("GET", f"/contacts/{LONG}", 414),
    ("POST", f"/contacts/{ANNA}", 405),
    ("POST", "/openapi.json", 405),
]


def centre_is_named(answer: Answer, target: str) -> bool:
    if target.startswith(("/v1/", "/openapi")):
        return bool(answer.json()["referral"]["steps"][0]["id"] == CENTRE)
    return "019-21 10 00" in answer.body.decode().replace("\xa0", " ") or "+4619211000" in answer.body.decode()


@pytest.mark.parametrize(("method", "target", "status"), WRONG)
async def test_an_error_names_the_centre(town: Service, method: str, target: str, status: int) -> None:
    answer = await ask(town.app, method, target)
    assert answer.status == status
    assert centre_is_named(answer, target)
    expected = "application/problem+json" if target.startswith(("/v1/", "/openapi")) else "text/html; charset=utf-8"
    assert answer.header("content-type") == expected


@pytest.mark.parametrize("target", [f"/v1/contacts/{ANNA}", f"/contacts/{ANNA}"])
async def test_so_does_the_refusal_of_a_foreign_host(town: Service, target: str) -> None:
    app = Hosts(town.app, ["kontakt.example.se"], Refusals(town.front))
    answer = await deliver(app, "GET", target.encode(), b"", [(b"host", b"elsewhere.example")])
    assert answer.status == 400
    assert centre_is_named(answer, target)


@pytest.mark.parametrize("target", ["/v1/units/x", "/contacts/x", "/v1/contacts?q=anna"])
async def test_so_does_a_fault_of_ours(town: Service, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("kanariefågel")

    monkeypatch.setattr(town.surface, "unit", broken)
    monkeypatch.setattr(town.surface, "view", broken)
    monkeypatch.setattr("presence.web.search_box.SearchBox.hits", broken)
    answer = await town.get(target)
    assert answer.status == 500
    assert centre_is_named(answer, target)
    assert "kanariefågel" not in answer.body.decode()


async def test_where_the_centre_itself_cannot_be_told_the_error_still_is(town: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(town.surface, "centre_referral", broken)
    answer = await town.get("/v1/contacts?q=a")
    assert (answer.status, answer.json()["code"]) == (400, "query-too-short")


@pytest.mark.parametrize(
    "target",
    [
        *(f"/contacts/{ANNA}", f"/embed/{ANNA}", "/centre", "/", "/topics/bygglov", "/accessibility", "/docs"),
        *(f"/v1/contacts/{ANNA}", f"/v1/contacts/{ANNA}.html", f"/v1/contacts/{ANNA}.vcf", "/v1/topics/bygglov", "/v1/centre"),
        *("/v1/contacts?q=anna", f"/v1/contacts?ids={ANNA}", "/?q=anna"),
    ],
)
@pytest.mark.parametrize("language", ["a-language-that-nobody-speaks-anywhere", "%00", "%ff", "", "%0d%0a", "../sv"])
async def test_a_language_that_is_none_is_the_organisations_first(town: Service, target: str, language: str) -> None:
    answer = await town.get(f"{target}{'&' if '?' in target else '?'}lang={language}")
    assert (answer.status, answer.body == (await town.get(target)).body) == (200, True)


@pytest.mark.parametrize(("method", "target", "status"), WRONG)
async def test_an_error_is_kept_by_no_cache(town: Service, method: str, target: str, status: int) -> None:
    """It is of one visitor or of one moment."""
    answer = await ask(town.app, method, target)
    assert (answer.status, answer.header("cache-control")) == (status, "no-store")
