"""The connector for LDAP against a real slapd, through a proxy that spoils connections where a real network would."""

import asyncio
import logging
import os
import random
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ldap3
import pytest

from connectors.directory.client import Client
from connectors.directory.mapping import Attributes, Marks
from connectors.directory.server import Credentials, Limits, Server
from connectors.directory.settings import LdapSettings
from connectors.ldap import Ldap
from presence.domain.facts import ChannelRecord, ContactRecord, Post
from presence.ports import Batch, SourceInvalid, SourceUnavailable
from tests.servers import free_port
from tests.servers import slapd as server
from tests.servers.certificates import certificate
from tests.servers.proxy import Fault, proxy
from tests.servers.slapd import OFFICES, PEOPLE, READER, READER_PASSWORD, SUFFIX, Slapd, identity, office_dn, people, person

SMALL, LARGE = 200, 20_000
FULL = bool(os.environ.get("PRESENCE_FULL"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """200 people; tests that change anything start their own."""
    with server.slapd(tmp_path_factory.mktemp("small") / "slapd", people(SMALL)) as started:
        yield started


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """20,000 people."""
    with server.slapd(tmp_path_factory.mktemp("large") / "slapd", people(LARGE)) as started:
        yield started


def connector(slapd: Slapd, **settings: Any) -> Ldap:
    said: dict[str, Any] = {
        "url": slapd.url,
        "ca_file": str(slapd.tls.authority),
        "base": PEOPLE,
        "bind_dn": READER,
        "password_file": slapd.password_file,
        "area_code": "019",
    }
    ticks = iter(range(1_800_000_000, 1_900_000_000))
    return Ldap("ldap", LdapSettings(**(said | settings)), now=lambda: next(ticks))


def read(slapd: Slapd, **settings: Any) -> Batch:
    return asyncio.run(connector(slapd, **settings).fetch())


def refusal(slapd: Slapd, **settings: Any) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        read(slapd, **settings)
    return caught.value


def by_identity(batch: Batch) -> dict[str, ContactRecord]:
    return {person.identity: person.record for person in batch.people if person.record is not None}


# What is read


def test_every_person_of_a_small_directory_is_in_a_complete_batch(small: Slapd) -> None:
    batch = read(small)
    assert batch.complete
    assert set(by_identity(batch)) == {identity(number) for number in range(SMALL)}


def test_a_record_holds_what_the_entry_says(small: Slapd) -> None:
    batch = read(small, extension_length=4)
    offices = {unit.record.name: unit.identity for unit in batch.units}
    assert by_identity(batch)[identity(17)] == ContactRecord(
        name="Nils Lindgren 17",
        given="Nils",
        family="Lindgren",
        posts=(Post(title="Handläggare", unit=offices[OFFICES[1]]),),
        channels=(
            ChannelRecord(kind="telephone", value="+4619200017"),
            ChannelRecord(kind="e-mail", value="u00017@kommun.example"),
        ),
        office_address="Stora torget 1",
        postal_address="Björkdalens kommun, Box 1, 701 00 Björkdal",
        room="B17",
        aliases=(
            "mail:u00017@kommun.example",
            "employee:100017",
            "ext:0017",
            "uid:u00017",
            f"dn:uid=u00017,ou={OFFICES[1].casefold()},ou=omsorg,ou=anställda,{SUFFIX}",
        ),
    )


def test_the_organisation_is_the_tree_of_units_below_the_base(small: Slapd) -> None:
    units = {unit.identity: unit.record for unit in read(small).units}
    paths = {f"{units[unit.parent].name}/{unit.name}" for unit in units.values() if unit.parent}
    assert paths == {f"{('Samhälle', 'Omsorg')[number % 2]}/{office}" for number, office in enumerate(OFFICES)}


def test_a_unit_has_the_telephone_of_its_own_entry(small: Slapd) -> None:
    unit = next(unit for unit in read(small).units if unit.record.name == "Bygglov")
    assert unit.record.channels == (ChannelRecord(kind="telephone", value="+4619219000"),)


def test_our_reader_of_the_wire_gives_what_ldap3s_own_gives(small: Slapd) -> None:
    host = ldap3.Server("localhost", port=small.port, get_info=ldap3.NONE)
    other = ldap3.Connection(host, READER, READER_PASSWORD, auto_bind=True)
    other.search(PEOPLE, "(objectClass=inetOrgPerson)", attributes=["cn", "mail", "telephoneNumber", "entryUUID"])
    theirs = {found["dn"]: {name.lower(): values for name, values in found["raw_attributes"].items()} for found in other.response}
    other.unbind()
    client = Client(Server("localhost", small.port, "none"), Limits(page_size=7), time.monotonic() + 20)
    client.open(Credentials(READER, READER_PASSWORD))
    try:
        found = list(client.search(PEOPLE, "(objectClass=inetOrgPerson)", ["cn", "mail", "telephoneNumber", "entryUUID"]))
    finally:
        client.close()
    assert {entry.dn: entry.attributes for entry in found} == theirs


@pytest.mark.slow
def test_twenty_thousand_people_are_read_page_by_page(large: Slapd) -> None:
    assert len(by_identity(read(large))) == LARGE


def test_whoever_moves_with_their_whole_unit_keeps_the_identity(tmp_path: Path) -> None:
    with server.slapd(tmp_path / "slapd", people(64)) as slapd:
        before = read(slapd)
        slapd.rename(office_dn(0), "ou=Bygg och plan", f"ou=Omsorg,{PEOPLE}")
        after = read(slapd)
    assert set(by_identity(after)) == set(by_identity(before))
    assert {unit.identity for unit in after.units} == {unit.identity for unit in before.units}
    assert "Bygg och plan" in {unit.record.name for unit in after.units}


# What is no whole answer


@pytest.mark.slow
def test_a_search_cut_short_by_the_servers_default_size_limit_is_refused(large: Slapd) -> None:
    error = refusal(large, bind_dn="", password_file="", anonymous=True)
    assert (type(error), error.code) == (SourceInvalid, "truncated")


def test_a_search_cut_short_between_two_pages_is_refused(tmp_path: Path) -> None:
    with server.slapd(tmp_path / "slapd", people(SMALL), limits="size.prtotal=150") as slapd:
        assert refusal(slapd, page_size=50).code == "truncated"


def test_a_directory_without_people_is_refused(small: Slapd) -> None:
    assert refusal(small, filter="(uid=nobody)").code == "empty"


def test_a_base_that_is_not_there_is_refused(small: Slapd) -> None:
    assert refusal(small, base=f"ou=Borta,{SUFFIX}").code == "base"


def test_two_entries_of_one_identity_are_refused(small: Slapd) -> None:
    assert refusal(small, attributes=Attributes(identity="sn")).code == "duplicate-identity"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", ["cut", "stall"])
@pytest.mark.parametrize("directory", ["small", pytest.param("large", marks=pytest.mark.slow)])
def test_a_connection_spoilt_at_any_point_never_gives_a_smaller_batch(
    request: pytest.FixtureRequest, directory: str, fault: Fault
) -> None:
    """At seeded points and just before the end. Of 20,000 people one point is tried, with PRESENCE_FULL=1 twenty."""
    slapd: Slapd = request.getfixturevalue(directory)
    with proxy(slapd.port) as whole:
        read(slapd, url=f"ldap://localhost:{whole.port}")
    last = whole.passed - 1
    drawn = random.Random(20261122)
    points = 20 if FULL else 1 if directory == "large" else 4
    for after in [last - 40, *(drawn.randrange(last) for _ in range(points))]:
        with proxy(slapd.port, fault, after) as spoilt:
            error = refusal(slapd, url=f"ldap://localhost:{spoilt.port}", receive_timeout=1, deadline=30)
        assert error.code in ("interrupted", "stalled", "unreachable", "tls"), after


def test_a_drip_of_bytes_is_ended_at_the_deadline(small: Slapd) -> None:
    with proxy(small.port, "throttle", 20_000) as slow:
        started = time.monotonic()
        error = refusal(small, url=f"ldap://localhost:{slow.port}", deadline=2)
    assert error.code == "stalled"
    assert time.monotonic() - started < 20, "the whole would take hours"


@pytest.mark.parametrize("after", [0, 5, 1500, 30_000])
def test_a_stalled_server_holds_up_nothing_else(small: Slapd, after: int) -> None:
    """During the connection, the handshake, the bind and the answer: the event loop turns, and the end comes in time."""

    async def measure() -> tuple[float, float]:
        with proxy(small.port, "stall", after) as stalled:
            ldap = connector(small, url=f"ldap://localhost:{stalled.port}", receive_timeout=2, deadline=60)
            longest, started = 0.0, time.monotonic()
            reading, last = asyncio.create_task(ldap.fetch()), started
            while not reading.done():
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
            with pytest.raises(SourceUnavailable):
                await reading
        return last - started, longest

    took, longest = asyncio.run(measure())
    assert took < 20
    assert longest < took / 2


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(small: Slapd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ldaps://localhost:{silent.getsockname()[1]}"
        started = time.monotonic()
        assert refusal(small, url=url, receive_timeout=1, deadline=60).code in ("stalled", "unreachable", "tls")
    assert time.monotonic() - started < 20


def test_closing_the_connector_ends_a_reading_that_hangs(small: Slapd) -> None:
    async def close_soon() -> SourceUnavailable:
        with proxy(small.port, "stall", 30_000) as stalled:
            ldap = connector(small, url=f"ldap://localhost:{stalled.port}", receive_timeout=60)
            reading = asyncio.create_task(ldap.fetch())
            async with asyncio.timeout(20):
                while stalled.passed < 30_000:  # noqa: ASYNC110  # the proxy's threads set no event
                    await asyncio.sleep(0.01)
            await ldap.close()
            with pytest.raises(SourceUnavailable) as caught:
                await asyncio.wait_for(reading, 20)
            return caught.value

    assert asyncio.run(close_soon()).code == "stalled"


def test_a_stopped_server_is_unreachable(small: Slapd) -> None:
    error = refusal(small, url=f"ldap://localhost:{_nobody()}")
    assert (type(error), error.code) == (SourceUnavailable, "unreachable")


def test_the_second_server_is_read_when_the_first_is_down(small: Slapd) -> None:
    assert len(read(small, url=[f"ldap://localhost:{_nobody()}", small.url]).people) == SMALL


# Who asks whom


def test_ldaps_and_starttls_read_the_same(small: Slapd) -> None:
    assert by_identity(read(small, url=small.secure_url)) == by_identity(read(small, url=small.url, tls="starttls"))


@pytest.mark.parametrize("secure", [True, False], ids=["ldaps", "starttls"])
@pytest.mark.parametrize("wrong", ["host name", "authority", "expired"])
def test_a_certificate_that_proves_nothing_is_refused(tmp_path: Path, wrong: str, secure: bool) -> None:
    names = "DNS:wrong.example" if wrong == "host name" else "DNS:localhost"
    tls = certificate(tmp_path / "tls", names, days=-1 if wrong == "expired" else 2)
    with server.slapd(tmp_path / "slapd", people(1), tls=tls) as slapd:
        authority = "" if wrong == "authority" else str(tls.authority)
        error = refusal(slapd, url=slapd.secure_url if secure else slapd.url, ca_file=authority)
    assert (type(error), error.code) == (SourceInvalid, "tls")


def test_a_wrong_password_is_refused_and_not_tried_again_soon(small: Slapd, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    error = refusal(small, password_file=str(wrong))
    assert error.code == "credentials"
    assert (error.retry_after or 0) >= 900


@pytest.mark.parametrize("password", ["", " ", "\n", "\t \n", "a\x00b"])
def test_an_empty_password_is_refused_before_anybody_is_asked(small: Slapd, tmp_path: Path, password: str) -> None:
    """A server would take a bind without a password for an anonymous one and say success (RFC 4513 5.1.2)."""
    empty = tmp_path / "password"
    empty.write_text(password)
    assert refusal(small, url=f"ldap://localhost:{_nobody()}", password_file=str(empty)).code == "credentials"


def test_a_missing_password_file_is_refused(small: Slapd) -> None:
    assert refusal(small, password_file="/nonexistent/password").code == "credentials"


def test_a_password_may_come_from_the_environment(small: Slapd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTORY_PASSWORD", READER_PASSWORD)
    assert len(read(small, password_file="", password_env="DIRECTORY_PASSWORD").people) == SMALL


def test_the_password_is_in_no_log_error_or_representation(small: Slapd, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ldap = connector(small)
    asyncio.run(ldap.fetch())
    told = [repr(ldap), str(vars(ldap)), repr(Credentials(READER, READER_PASSWORD)), caplog.text]
    for settings in (
        {"base": f"ou=Borta,{SUFFIX}"},
        {"bind_dn": f"cn=nobody,{SUFFIX}"},
        {"url": f"ldap://localhost:{_nobody()}"},
    ):
        error = refusal(small, **settings)
        told += [repr(error), str(error), "".join(traceback.format_exception(error))]
    assert not any(READER_PASSWORD in text for text in told)


def test_what_only_the_account_may_read_is_read(small: Slapd) -> None:
    """The employee number is shown to nobody else: had the bind become an anonymous one, it would be missing."""
    assert all(any(alias.startswith("employee:") for alias in record.aliases) for record in by_identity(read(small)).values())


# Who is who


def test_whoever_shares_an_address_loses_it_and_so_does_the_other(tmp_path: Path) -> None:
    ldif = people(3) + person(3, mail="shared@kommun.example") + person(4, mail="Shared@kommun.example")
    with server.slapd(tmp_path / "slapd", ldif) as slapd:
        ldap = connector(slapd)
        found = by_identity(asyncio.run(ldap.fetch()))
    assert not any("mail:shared@kommun.example" in record.aliases for record in found.values())
    assert f"employee:{100003}" in found[identity(3)].aliases
    assert ldap.report is not None
    assert ldap.report.ambiguous == {"mail": 1}


def test_a_deputy_is_named_by_where_their_entry_stands(tmp_path: Path) -> None:
    ldif = people(1) + person(1, secretary=f"uid=u00000, {office_dn(0)}")
    with server.slapd(tmp_path / "slapd", ldif) as slapd:
        found = by_identity(read(slapd))
    assert found[identity(1)].deputies[0] in found[identity(0)].aliases


# Who is protected


def _group(name: str, *members: str) -> str:
    return server.entry(f"cn={name},{SUFFIX}", objectClass="groupOfNames", cn=name, member="\n".join(members))


def _place(number: int) -> str:
    return f"uid=u{number:05},{office_dn(number)}"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Number 3 bears a mark, 5 is in a group, 6 in a group in that group, which has the first in it again."""
    ldif = people(8).replace(person(3), person(3, employeeType="SKYDDAD"))
    ldif += _group("skydd", _place(5), f"cn=inre,{SUFFIX}") + _group("inre", _place(6), f"cn=skydd,{SUFFIX}")
    with server.slapd(tmp_path_factory.mktemp("marked") / "slapd", ldif) as slapd:
        yield slapd


def test_marks_come_from_an_attribute(marked: Slapd) -> None:
    batch = read(marked, marks=Marks(attribute="employeeType", values=["skyddad"]))
    assert batch.marked == (identity(3),)


def test_marks_come_from_a_group_and_the_groups_in_it(marked: Slapd) -> None:
    batch = read(marked, marks=Marks(group=f"cn=skydd,{SUFFIX}"))
    assert {identity(5), identity(6)} <= set(batch.marked or ())
    assert not {identity(number) for number in (0, 1, 2, 3, 4, 7)} & set(batch.marked or ())


def test_marks_come_from_a_list_of_identities_and_aliases(marked: Slapd, tmp_path: Path) -> None:
    listed = tmp_path / "protected.txt"
    listed.write_text(f"# kommentar\n{identity(1).upper()}\n\nmail:U00002@kommun.example  # flyttad\n")
    batch = read(marked, marks=Marks(list_file=str(listed)))
    assert set(batch.marked or ()) == {identity(1), "mail:u00002@kommun.example"}


def test_marks_are_read_after_the_people(marked: Slapd) -> None:
    batch = read(marked, marks=Marks(attribute="employeeType", values=["skyddad"]))
    assert batch.marks_at > batch.read_at


def test_a_directory_that_is_not_asked_for_marks_does_not_say_that_nobody_is_protected(marked: Slapd) -> None:
    batch = read(marked)
    assert (batch.marked, batch.marks_at) == (None, 0)


@pytest.mark.parametrize(
    "marks",
    [Marks(group=f"cn=borta,{SUFFIX}"), Marks(list_file="/nonexistent/list"), Marks(group=_place(1))],
    ids=["no such group", "no such list", "no group"],
)
def test_marks_that_cannot_be_read_refuse_the_whole_reading(marked: Slapd, marks: Marks) -> None:
    """Otherwise everybody would be taken for unprotected."""
    assert refusal(marked, marks=marks).code == "marks"


def _nobody() -> int:
    return free_port()
