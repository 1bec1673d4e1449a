"""The connector for LDAP against a real Active Directory (Samba as a domain controller)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.directory.mapping import Marks
from connectors.directory.settings import LdapSettings
from connectors.ldap import Ldap
from presence.domain.facts import ContactRecord
from presence.ports import Batch
from tests.servers import samba as server
from tests.servers.samba import READER, SUFFIX, Samba
from tests.servers.slapd import entry

OFFICE = f"OU=Bygglov,OU=Anstallda,{SUFFIX}"
COUNT = 30


def account(number: int, control: int = 544) -> str:
    return entry(
        f"CN=Person {number},{OFFICE}",
        objectClass="user",
        sAMAccountName=f"u{number}",
        displayName=f"Åsa Öberg {number}",
        department="Stadsbyggnad/Bygglov",
        telephoneNumber=f"019-21 12 {number:02}",
        mail=f"u{number}@kommun.example",
        proxyAddresses=f"SMTP:u{number}@kommun.example\nsmtp:alias{number}@kommun.example",
        userPrincipalName=f"u{number}@kommun.example",
        userAccountControl=str(control),
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    units = entry(f"OU=Anstallda,{SUFFIX}", objectClass="organizationalUnit") + entry(OFFICE, objectClass="organizationalUnit")
    users = "".join(account(number) for number in range(COUNT)) + account(COUNT, control=546)
    members = "\n".join(f"CN=Person {number},{OFFICE}" for number in (3, 4))
    group = entry(f"CN=Skydd,{SUFFIX}", objectClass="group", sAMAccountName="skydd", member=members)
    with server.samba(tmp_path_factory.mktemp("samba"), units + users + group) as started:
        yield started


def read(directory: Samba, **settings: Any) -> Batch:
    said: dict[str, Any] = {
        "url": directory.url,
        "preset": "active_directory",
        "ca_file": str(directory.tls.authority),
        "bind_dn": READER,
        "password_file": directory.password_file,
        "base": f"OU=Anstallda,{SUFFIX}",
        "area_code": "019",
        "page_size": 7,
    }
    return asyncio.run(Ldap("ad", LdapSettings(**(said | settings))).fetch())


def by_name(batch: Batch) -> dict[str, ContactRecord]:
    return {person.record.name: person.record for person in batch.people if person.record is not None}


def test_enabled_accounts_are_read_with_their_aliases_and_disabled_ones_are_not(directory: Samba) -> None:
    found = by_name(read(directory))
    assert set(found) == {f"Åsa Öberg {number}" for number in range(COUNT)}
    assert found["Åsa Öberg 7"].aliases == (
        "mail:u7@kommun.example",
        "mail:alias7@kommun.example",
        "upn:u7@kommun.example",
        "uid:u7",
        "dn:cn=person 7,ou=bygglov,ou=anstallda,dc=kommun,dc=example",
    )


def test_a_guid_read_twice_is_one_identity(directory: Samba) -> None:
    first, second = ({person.identity for person in read(directory).people} for _ in range(2))
    assert first == second
    assert all(len(identity) == 36 for identity in first)


def test_departments_become_units(directory: Samba) -> None:
    assert {unit.record.name for unit in read(directory).units} == {"Stadsbyggnad", "Bygglov"}


def test_the_whole_domain_is_read_without_references_to_its_other_partitions(directory: Samba) -> None:
    """A search from the root of a domain is answered with references to its DNS zones, unless asked not to."""
    assert set(by_name(read(directory))) <= set(by_name(read(directory, base=SUFFIX)))


def test_members_of_a_group_are_protected(directory: Samba) -> None:
    batch = read(directory, marks=Marks(group=f"CN=Skydd,{SUFFIX}"))
    people = {person.identity: person.record.name for person in batch.people if person.record is not None}
    assert {people[identity] for identity in batch.marked or ()} == {"Åsa Öberg 3", "Åsa Öberg 4"}


def test_an_account_may_be_written_as_a_distinguished_name(directory: Samba) -> None:
    assert by_name(read(directory, bind_dn=f"CN=Administrator,CN=Users,{SUFFIX}"))
