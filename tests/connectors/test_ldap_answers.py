"""Answers of a directory that no real server could be made to give, from one that speaks by script."""

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from connectors.directory.settings import LdapSettings
from connectors.ldap import Ldap
from presence.ports import Batch, SourceUnavailable
from tests.servers.scripted_ldap import Script, done, message, person, scripted_ldap, tlv

FULL = bool(os.environ.get("PRESENCE_FULL"))
BASE = "ou=people,dc=example"
REFERENCE = tlv(0x73, tlv(0x04, b"ldap://other.example/dc=example"))
DISCONNECTION = tlv(0x78, tlv(0x0A, b"\x34"), tlv(0x04), tlv(0x04), tlv(0x8A, b"1.3.6.1.4.1.1466.20036"))


def entry(number: int, who: int) -> bytes:
    return person(number, f"uid=u{who},{BASE}", entryUUID=f"00000000-0000-4000-8000-{who:012}", cn=f"Person {who}")


def settings(url: str, **more: Any) -> LdapSettings:
    said: dict[str, Any] = {"url": url, "tls": "none", "insecure": True, "base": BASE, "anonymous": True, "units": "none"}
    return LdapSettings(**(said | {"receive_timeout": 2} | more))


def read(script: Script, **more: Any) -> Batch:
    with scripted_ldap(script) as server:
        return asyncio.run(Ldap("ldap", settings(server.url, **more)).fetch())


def refused(script: Script, **more: Any) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        read(script, **more)
    return caught.value.code


def test_two_pages_are_one_reading() -> None:
    pages = (lambda number: entry(number, 1) + done(number, cookie=b"more"), lambda number: entry(number, 2) + done(number))
    assert len(read(lambda page, number: pages[page](number)).people) == 2


def test_a_server_may_use_one_cookie_for_all_its_pages() -> None:
    """389 Directory Server does."""

    def script(page: int, number: int) -> bytes:
        return entry(number, page) + done(number, cookie=b"0" if page < 4 else b"")

    assert len(read(script).people) == 5


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda number: entry(number, 1) + done(number, 4), "truncated"),
        (lambda number: entry(number, 1) + done(number, 3), "truncated"),
        (lambda number: entry(number, 1) + done(number, 11), "truncated"),
        (lambda number: entry(number, 1) + done(number, 10), "referral"),
        (lambda number: entry(number, 1) + message(number, REFERENCE) + done(number), "referral"),
        (lambda number: entry(number, 1) + done(number, 1), "refused"),
        (lambda number: entry(number, 1) + done(number, 50), "refused"),
        (lambda number: entry(number, 1) + done(number, 51), "busy"),
        (lambda number: entry(number, 1) + done(number, cookie=None), "truncated"),
        (lambda number: entry(number, 1) + done(number, cookie=b"again"), "duplicate-identity"),
        (lambda number: done(number, cookie=b"again"), "truncated"),
        (lambda number: entry(number, 1) + entry(number, 1) + done(number), "duplicate-identity"),
        (lambda number: entry(number, 1) + done(number + 1), "protocol"),
        (lambda number: entry(number, 1) + message(0, DISCONNECTION), "interrupted"),
        (lambda number: entry(number, 1), "stalled"),
        (lambda number: b"", "interrupted"),
        (lambda number: entry(number, 1) + b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol"),
        (lambda number: b"\x30\x84\x7f\xff\xff\xff" + bytes(100), "too-large"),
        (lambda number: b"\x30\x80" + entry(number, 1), "protocol"),
        (lambda number: message(number, tlv(0x64, tlv(0x04, b"\xff\xfe"), tlv(0x30))) + done(number), "protocol"),
    ],
    ids=[
        "size limit", "time limit", "administrative limit", "referral", "continuation reference", "operations error",
        "no access", "busy", "no paging", "one page for ever", "empty pages for ever", "one entry twice", "another's answer",
        "notice of disconnection", "no end", "closed", "not LDAP", "two gigabytes", "indefinite length", "name not UTF-8",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_whole_is_no_batch(answer: Callable[[int], bytes], code: str) -> None:
    assert refused(lambda page, number: answer(number), receive_timeout=1) == code


def test_a_search_that_gives_one_page_over_and_over_is_ended() -> None:
    """The units are read first; two equal ones would be nothing to object to."""
    assert refused(lambda page, number: entry(number, 1) + done(number, cookie=b"again"), units="dn") == "truncated"


def test_the_limit_of_entries_holds_over_all_pages() -> None:
    assert (
        refused(lambda page, number: entry(number, page) + done(number, cookie=bytes((page + 1,))), max_entries=9) == "too-large"
    )


def _bound(monkeypatch: pytest.MonkeyPatch, who: bytes | None) -> Batch:
    monkeypatch.setenv("DIRECTORY_PASSWORD", "secret")
    with scripted_ldap(lambda page, number: entry(number, 1) + done(number), who) as server:
        said = settings(server.url, anonymous=False, bind_dn="cn=reader", password_env="DIRECTORY_PASSWORD")
        return asyncio.run(Ldap("ldap", said).fetch())


def test_a_bind_that_the_server_took_for_an_anonymous_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        _bound(monkeypatch, b"")
    assert caught.value.code == "credentials"


@pytest.mark.parametrize("who", [b"dn:cn=reader", b"u:KOMMUN\\reader", None])
def test_a_bind_is_taken_where_the_server_names_somebody_or_cannot_tell(
    monkeypatch: pytest.MonkeyPatch, who: bytes | None
) -> None:
    assert len(_bound(monkeypatch, who).people) == 1


def test_a_server_that_refuses_starttls_is_told_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTORY_PASSWORD", "canary-31")
    with scripted_ldap(lambda page, number: entry(number, 1) + done(number)) as server:
        account = {"anonymous": False, "bind_dn": "cn=reader", "password_env": "DIRECTORY_PASSWORD"}
        with pytest.raises(SourceUnavailable) as caught:
            asyncio.run(Ldap("ldap", settings(server.url, tls="starttls", insecure=False, **account)).fetch())
    assert caught.value.code == "tls"
    assert b"canary-31" not in server.heard


def test_only_named_attributes_are_asked_for() -> None:
    with scripted_ldap(lambda page, number: entry(number, 1) + done(number)) as server:
        asyncio.run(Ldap("ldap", settings(server.url)).fetch())
    assert b"telephoneNumber" in server.heard
    assert all(name not in server.heard for name in (b"userPassword", b"jpegPhoto", b"homePhone", b"\x04\x01*", b"\x04\x01+"))


def test_no_mutated_answer_gives_a_smaller_batch_or_another_error_than_ours() -> None:
    """Seeded mutations of an answer of ten people: either ten entries are read, or the reading is refused."""
    drawn = random.Random(4511)

    def mutate(number: int) -> bytes:
        answer = bytearray(b"".join(entry(number, who) for who in range(10)) + done(number))
        for _ in range(drawn.randrange(1, 4)):
            at = drawn.randrange(len(answer))
            how = drawn.randrange(3)
            if how == 0:
                answer[at] = drawn.randrange(256)
            elif how == 1:
                del answer[at : at + drawn.randrange(1, 30)]
            else:
                answer[at:at] = drawn.randbytes(drawn.randrange(1, 10))
        return bytes(answer)

    async def run() -> None:
        with scripted_ldap(lambda page, number: mutate(number)) as server:
            ldap = Ldap("ldap", settings(server.url, receive_timeout=1, deadline=1))
            for _ in range(1000 if FULL else 100):
                ldap.report = None
                with suppress(SourceUnavailable):
                    await ldap.fetch()
                assert ldap.report is None or ldap.report.entries == 10

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"tls": "none"}, "insecure"),
        ({"insecure": True}, "insecure"),
        ({"url": "ldaps://a.example", "tls": "starttls"}, "starttls"),
        ({"url": "http://a.example"}, "ldaps://"),
        ({"url": []}, "no server"),
        ({"base": ""}, "base"),
        ({"anonymous": False}, "bind_dn"),
        ({"bind_dn": "cn=a", "password_file": "p"}, "anonymous"),
        ({"filter": "(uid=*"}, "filter"),
        ({"units": "*"}, "named one by one"),
    ],
)
def test_settings_that_would_read_wrongly_are_refused_with_a_reason(said: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {"url": "ldap://a.example", "base": BASE, "anonymous": True}
    with pytest.raises(ValueError, match=words.replace("*", r"\*")):
        LdapSettings(**(good | said))
