"""Files over http(s) from a real server process that behaves badly in every way, and addresses that lead where they must not."""

import asyncio
import gc
import http.server
import logging
import socket
import socketserver
import ssl
import threading
import time
import tracemalloc
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.fetching import Fetched, Fetcher, FetchLimits
from presence.ports import SourceUnavailable
from tests.servers.certificates import certificate
from tests.servers.origin import Origin, origin

HERE = ("127.0.0.0/8",)
PATIENT = FetchLimits(connect=20.0, idle=20.0, total=60.0, size=100_000)
BRIEF = FetchLimits(connect=1.0, idle=0.5, total=1.0, size=100_000)
"""For what comes to its end by time alone."""
BODY = b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 20 + b"END:VCALENDAR\r\n"
T = TypeVar("T")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with origin(tmp_path_factory.mktemp("origin")) as running:
        yield running


def using(
    use: Callable[[Fetcher], Awaitable[T]], allowed: tuple[str, ...] = HERE, limits: FetchLimits = PATIENT, **more: Any
) -> T:
    """What a fetcher gives, which is closed afterwards."""

    async def run() -> T:
        fetcher = Fetcher(allowed, limits, **more)
        try:
            return await use(fetcher)
        finally:
            await fetcher.close()

    return asyncio.run(run())


def got(
    url: str, etag: str = "", modified: str = "", *, allowed: tuple[str, ...] = HERE, limits: FetchLimits = PATIENT, **more: Any
) -> Fetched:
    return using(lambda fetcher: fetcher.get(url, etag, modified), allowed, limits, **more)


def refusal(url: str, **more: Any) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        got(url, **more)
    return caught.value


# --- what a good server gives ---


def test_a_file_comes_whole_with_its_marks(server: Origin) -> None:
    fetched = got(server.put("good.ics", BODY))
    assert fetched.body == BODY
    assert fetched.etag
    assert fetched.modified


def test_an_unchanged_file_costs_a_304_by_etag(server: Origin) -> None:
    url = server.put("etag.ics", BODY)
    assert got(url, got(url).etag).body is None


def test_an_unchanged_file_costs_a_304_by_date(server: Origin) -> None:
    url = server.put("date.ics", BODY)
    assert got(url, "", got(url).modified).body is None


def test_a_packed_answer_is_unpacked(server: Origin) -> None:
    server.put("packed.ics", BODY)
    assert got(server.fault("packed.ics", "gzip")).body == BODY


def test_many_files_travel_over_few_connections(server: Origin) -> None:
    urls = [server.put(f"many{number}.ics", BODY) for number in range(40)]
    opened: list[Any] = []

    async def all_of_them(fetcher: Fetcher) -> list[Fetched]:
        loop = asyncio.get_running_loop()
        resolve = loop.getaddrinfo
        loop.getaddrinfo = lambda *a, **k: (opened.append(a), resolve(*a, **k))[1]  # type: ignore[method-assign,func-returns-value]
        gate = asyncio.Semaphore(4)

        async def one(url: str) -> Fetched:
            async with gate:
                return await fetcher.get(url)

        return await asyncio.gather(*map(one, urls))

    found = using(all_of_them, connections=4)
    assert [each.body for each in found] == [BODY] * 40
    assert len(opened) <= 4


def test_a_file_of_exactly_the_limit_is_taken_and_one_octet_more_is_not(server: Origin) -> None:
    assert got(server.put("fits.ics", b"x" * PATIENT.size)).body == b"x" * PATIENT.size
    assert refusal(server.put("over.ics", b"x" * (PATIENT.size + 1))).code == "too-large"


def test_a_name_and_password_in_the_address_are_sent_as_such(server: Origin) -> None:
    server.put("own.ics", BODY)
    got(server.url("own.ics").replace("://", "://anna:hem%C3%A5ligt@"))
    assert server.requests("own.ics")[-1]["headers"]["authorization"] == "Basic YW5uYTpoZW3DpWxpZ3Q="


def test_no_cookie_is_kept(server: Origin) -> None:
    server.put("cookie.ics", BODY)
    url = server.fault("cookie.ics", "forgetful")

    async def twice(fetcher: Fetcher) -> None:
        await fetcher.get(url)
        await fetcher.get(url)

    using(twice)
    assert ["cookie" in request["headers"] for request in server.requests("cookie.ics")] == [False, False]


# --- what a bad server gives ---


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 502, 503])
def test_an_error_is_told_by_its_status(server: Origin, status: int) -> None:
    assert refusal(server.fault("status.ics", "status", status=status)).code == f"http-{status}"


@pytest.mark.parametrize("status", [204, 206, 300])
def test_an_answer_that_is_no_whole_file_is_none(server: Origin, status: int) -> None:
    assert refusal(server.fault("status.ics", "status", status=status)).code == f"http-{status}"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("120", 120.0), (formatdate(1_800_000_090, usegmt=True), 90.0), (formatdate(1_700_000_000, usegmt=True), 0.0)],
)
def test_retry_after_is_heard_as_seconds_and_as_a_date(server: Origin, written: str, seconds: float) -> None:
    url = server.fault("later.ics", "status", status=503, headers={"Retry-After": written})
    assert refusal(url, now=lambda: 1_800_000_000.0).retry_after == seconds


@pytest.mark.parametrize("written", ["soon", "-5", "²", "1e9", "Fri, 99 Foo 2026", "9" * 400])
def test_a_retry_after_that_says_nothing_harms_nothing(server: Origin, written: str) -> None:
    refused = refusal(server.fault("later.ics", "status", status=503, headers={"Retry-After": written}))
    assert refused.code == "http-503"
    assert refused.retry_after is None or refused.retry_after < 1e9


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("short", "broken-off"),
        ("garbage", "broken-off"),
        ("endless_headers", "broken-off"),
        ("huge", "too-large"),
        ("bomb", "too-large"),
        ("double", "encoding-refused"),
        ("gzip_not", "encoding-refused"),
        ("gzip_followed", "encoding-refused"),
        ("gzip_cut", "truncated"),
    ],
)
def test_a_spoiled_answer_is_refused(server: Origin, fault: str, code: str) -> None:
    server.put(f"{fault}.ics", BODY)
    assert refusal(server.fault(f"{fault}.ics", fault), limits=FetchLimits(size=100_000, total=60.0)).code == code


@pytest.mark.parametrize("fault", ["bomb", "double"])
def test_a_compressed_bomb_costs_no_memory(server: Origin, fault: str) -> None:
    """100 MB unpacked; stock clients hold it whole, even in one piece where it is packed twice."""
    tracemalloc.start()
    try:
        refusal(server.fault("bomb.ics", fault), limits=FetchLimits(size=1_000_000))
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fault", ["drip", "slow_headers"])
def test_an_answer_that_drips_ends_at_the_deadline(server: Origin, fault: str) -> None:
    """Each octet is in time; the whole, which would take a minute, is not."""
    server.put(f"{fault}.ics", BODY)
    begun = time.monotonic()
    assert refusal(server.fault(f"{fault}.ics", fault, every=0.1), limits=FetchLimits(idle=20.0, total=1.0)).code == "stalled"
    assert 0.9 < time.monotonic() - begun < 15


def test_a_silent_server_is_given_up_when_idle(server: Origin) -> None:
    """Long before the deadline."""
    begun = time.monotonic()
    assert refusal(server.fault("silent.ics", "silence"), limits=FetchLimits(idle=0.5, total=30.0)).code == "stalled"
    assert time.monotonic() - begun < 10


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert refusal(f"http://127.0.0.1:{held.getsockname()[1]}/a.ics").code == "unreachable"


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    assert refusal("http://calendar.invalid/a.ics").code == "unreachable"


def test_no_connection_is_left_behind_by_an_answer_that_was_refused_half_way(server: Origin) -> None:
    server.put("left.ics", BODY)

    async def refused(fetcher: Fetcher) -> int:
        before = open_files()
        for fault in ("huge", "short", "drip", "silence", "bomb", "status"):
            with pytest.raises(SourceUnavailable):
                await fetcher.get(server.fault("left.ics", fault, status=500, every=0.2))
        return open_files() - before

    assert using(refused, limits=BRIEF) <= 0


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


# --- TLS ---


def test_a_server_is_trusted_by_an_authority_of_ones_own(tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls")
    with origin(tmp_path / "served", made) as server:
        url = server.put("anna.ics", BODY)
        assert got(url, ca_file=str(made.authority)).body == BODY
        assert refusal(url).code == "certificate-refused"


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls", "DNS:calendar.kommun.example")
    with origin(tmp_path / "served", made) as server:
        assert refusal(server.put("anna.ics", BODY), ca_file=str(made.authority)).code == "certificate-refused"


def test_an_authority_that_is_no_certificate_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises((ssl.SSLError, ValueError)):
        got("http://127.0.0.1/a.ics", ca_file=str(tmp_path / "ca.pem"))


# --- where an address may lead ---

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0.0.0.0",
    "localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
]
INSIDE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.88.99.1"]
INSIDE6 = ["[fe80::1]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[::ffff:10.0.0.1]", "[2002:a00:1::]"]


@pytest.mark.parametrize("host", [*LOOPBACK, *INSIDE, *INSIDE6])
def test_the_own_network_is_refused_however_it_is_written(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = watch_connections(monkeypatch)
    assert refusal(f"http://{host}:9/a.ics", allowed=()).code == "address-refused"
    assert connected == []


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/a", "file:///etc/passwd", "http://", "http:///a", "/a.ics", ""])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    assert refusal(address).code == "address-refused"


def test_a_network_that_is_allowed_opens_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = watch_connections(monkeypatch)
    assert refusal("http://10.2.0.1/a.ics", allowed=("10.1.0.0/16",)).code == "address-refused"
    assert connected == []


def test_an_allowed_network_counts_in_the_form_that_is_mapped_to_ipv6(server: Origin) -> None:
    server.put("mapped.ics", BODY)
    assert got(f"http://[::ffff:127.0.0.1]:{server.port}/mapped.ics").body == BODY


def watch_connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that a socket is connected to from now on."""
    connected: list[Any] = []
    connect = BaseSelectorEventLoop.sock_connect

    async def watched(self: Any, sock: socket.socket, address: Any) -> None:
        connected.append(address)
        await connect(self, sock, address)

    monkeypatch.setattr(BaseSelectorEventLoop, "sock_connect", watched)
    return connected


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that gives these addresses, one list after another; the last for ever. Gives the names it was asked."""
    asked: list[str] = []

    async def getaddrinfo(_loop: Any, host: str, port: int, **_more: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in found]
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in zip(families, found, strict=True)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_resolves_otherwise_the_second_time_gains_nothing(server: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is judged and connected to; the resolver is not asked again (DNS rebinding)."""
    server.put("pinned.ics", BODY)
    asked = answering(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    connected = watch_connections(monkeypatch)
    assert got(f"http://calendar.kommun.example:{server.port}/pinned.ics").body == BODY
    assert asked == ["calendar.kommun.example"]
    assert connected == [("127.0.0.1", server.port)]
    assert server.requests("pinned.ics")[-1]["headers"]["host"] == f"calendar.kommun.example:{server.port}"


def test_a_name_with_one_address_inside_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["192.0.2.1", "93.184.215.14", "10.0.0.1"])
    connected = watch_connections(monkeypatch)
    assert refusal("http://calendar.kommun.example/a.ics", allowed=()).code == "address-refused"
    assert connected == []


@pytest.mark.parametrize("addresses", [["127.0.0.3", "127.0.0.1"], ["127.0.0.1", "127.0.0.3"]])
def test_the_next_address_is_tried_where_one_does_not_answer(
    server: Origin, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    server.put("second.ics", BODY)
    answering(monkeypatch, addresses)
    assert got(f"http://calendar.kommun.example:{server.port}/second.ics").body == BODY


# --- redirects ---


def test_a_redirect_is_followed(server: Origin) -> None:
    server.put("target.ics", BODY)
    assert got(server.fault("moved.ics", "redirect", to="target.ics")).body == BODY


def test_a_loop_of_redirects_ends(server: Origin) -> None:
    url = server.fault("loop.ics", "redirect", to="/loop.ics")
    assert refusal(url).code == "too-many-redirects"
    assert len(server.requests("loop.ics")) == PATIENT.redirects + 1


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/latest",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "//10.0.0.1/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_to_where_it_must_not_lead_is_refused(server: Origin, to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = watch_connections(monkeypatch)
    assert refusal(server.fault("away.ics", "redirect", to=to)).code == "address-refused"
    assert connected == [("127.0.0.1", server.port)]


def test_a_redirect_to_loopback_is_refused_where_only_another_network_is_allowed(
    server: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first hop leads to 127.0.0.1, which is allowed; 127.0.0.2 is not, and is judged anew."""
    connected = watch_connections(monkeypatch)
    url = server.fault("hop.ics", "redirect", to=f"http://127.0.0.2:{server.port}/target.ics")
    assert refusal(url, allowed=("127.0.0.1/32",)).code == "address-refused"
    assert connected == [("127.0.0.1", server.port)]


def test_credentials_do_not_travel_over_a_redirect(server: Origin, tmp_path: Path) -> None:
    """Neither to another server nor under the same: what is written for one address is sent to that one."""
    with origin(tmp_path, host="127.0.0.2") as other:
        other.put("there.ics", BODY)
        there = server.fault("secret.ics", "redirect", to=other.url("there.ics"))
        server.put("near.ics", BODY)
        near = server.fault("secret2.ics", "redirect", to="/near.ics")
        for url in (there, near):
            own = url.replace("://", "://anna:canary-4711@")
            headers = {"X-Feed-Token": "canary-4712"}
            assert using(lambda fetcher, u=own, h=headers: fetcher.get(u, headers=h)).body == BODY  # type: ignore[misc]
        assert {"authorization", "x-feed-token"} <= server.requests("secret.ics")[-1]["headers"].keys()
        for request in (other.requests("there.ics")[-1], server.requests("near.ics")[-1]):
            assert "canary" not in str(request)
            assert "authorization" not in request["headers"]


def test_a_redirect_from_https_to_clear_text_is_refused(server: Origin, tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls")
    with origin(tmp_path / "served", made) as secure:
        url = secure.fault("down.ics", "redirect", to=server.put("clear.ics", BODY))
        assert refusal(url, ca_file=str(made.authority)).code == "address-refused"
    assert server.requests("clear.ics") == []


def test_a_proxy_of_the_environment_is_not_used(server: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would connect on our behalf to wherever an address leads."""
    with listening() as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        assert got(server.put("direct.ics", BODY)).body == BODY
        assert asked == []


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A second server, in this process, that notes what it is asked."""
    asked: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    with socketserver.TCPServer(("127.0.0.1", 0), Noting) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_address[1], asked
        running.shutdown()


# --- what is told ---


def test_neither_address_nor_answer_is_told_to_a_log_or_in_an_exception(server: Origin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    headers = {"Content-Disposition": "attachment; filename=canary-sjukskriven.ics"}
    told = refusal(server.fault("canary-token.ics", "status", status=500, headers=headers, body="canary-body"))
    got(server.put("canary-other.ics", BODY))
    texts = [record.getMessage() for record in caplog.records]
    assert not [text for text in texts if "canary" in text]
    assert "canary" not in f"{told!r} {told} {told.__cause__} {told.__context__}"
