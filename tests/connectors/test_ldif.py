"""Directories from LDIF files, and with them the mapping that LDAP shares."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors import stamp
from connectors.directory import dn, marks
from connectors.directory.entry import Entry
from connectors.directory.mapping import Attributes, Marks
from connectors.directory.numbers import Number, Plan, parse
from connectors.directory.rfc2849 import Refused, Trailer, read
from connectors.ldif import Ldif, LdifSettings
from presence.domain.facts import ChannelRecord, ContactRecord, Post
from presence.ports import Batch, SourceInvalid, SourceUnavailable

DATA = Path(__file__).parent / "data" / "ldif"
ASA, NILS = "a89c6736-3dd8-445f-bf54-99bc0749921e", "a89c6767-3dd8-445f-bf54-99bc0749921e"
ANNA, BO, NAMELESS = (f"00000000-0000-4000-8000-{number:012}" for number in (1, 2, 3))


def ldif(path: Path, **settings: Any) -> Ldif:
    return Ldif("ldif", LdifSettings(path=str(path), area_code="019", **settings), now=lambda: 1_800_000_000.5)


def fetch(path: Path, **settings: Any) -> Batch:
    return asyncio.run(ldif(path, **settings).fetch())


def active_directory(**settings: Any) -> Batch:
    return fetch(DATA / "active_directory.ldif", preset="active_directory", extension_length=4, **settings)


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "directory.ldif"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def records(batch: Batch) -> dict[str, ContactRecord]:
    return {person.identity: person.record for person in batch.people if person.record is not None}


def refusal(path: Path, **settings: Any) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        fetch(path, **settings)
    return caught.value.code


# The mapping


def test_an_account_of_active_directory_becomes_a_contact() -> None:
    batch = active_directory()
    unit = next(unit.identity for unit in batch.units if unit.record.name == "Bygglov")
    assert records(batch)[ASA] == ContactRecord(
        name="Åsa Öberg",
        given="Åsa",
        family="Öberg",
        posts=(Post(title="Bygglovshandläggare", unit=unit),),
        channels=(
            ChannelRecord(kind="telephone", value="+4619211234"),
            ChannelRecord(kind="mobile", value="+46701740605"),
            ChannelRecord(kind="e-mail", value="Asa.Oberg@kommun.example"),
        ),
        office_address="Stora torget 1",
        room="B 214",
        deputies=(r"dn:cn=ek\, nils,ou=bygglov,ou=stadsbyggnad,dc=kommun,dc=example",),
        aliases=(
            "mail:asa.oberg@kommun.example",
            "mail:asa.lind@kommun.example",
            "sip:asa.oberg@kommun.example",
            "employee:10023",
            "upn:asa.oberg@kommun.example",
            "oid:0f8fad5b-d9cb-469f-a165-70867728950e",
            "ext:1234",
            "uid:asobe",
            "dn:cn=åsa öberg,ou=bygglov,ou=stadsbyggnad,dc=kommun,dc=example",
        ),
    )


def test_the_bytes_of_a_guid_become_its_text() -> None:
    """Its first three groups are little-endian: NmecqNg9X0S/VJm8B0mSHg== is a89c6736-3dd8-445f-…"""
    assert ASA in records(active_directory())


def test_a_disabled_account_and_a_computer_are_no_people() -> None:
    assert set(records(active_directory())) == {ASA, NILS}


def test_a_department_may_be_a_path() -> None:
    found = {unit.identity: unit.record for unit in active_directory().units}
    assert {(unit.name, found[unit.parent].name if unit.parent else "") for unit in found.values()} == {
        ("Stadsbyggnad", ""),
        ("Bygglov", "Stadsbyggnad"),
    }


def test_without_a_separator_a_department_is_one_unit() -> None:
    units = active_directory(unit_separator="").units
    assert {unit.record.name for unit in units} == {"Stadsbyggnad/Bygglov", "Stadsbyggnad / Bygglov"}


def test_units_may_come_from_where_accounts_stand_leaving_out_those_that_only_order_them() -> None:
    units = active_directory(units="dn", skip_units=["bygglov"]).units
    assert [unit.record.name for unit in units] == ["Stadsbyggnad"]


def test_a_home_telephone_is_never_read() -> None:
    assert "+4619999999" not in {channel.value for record in records(active_directory()).values() for channel in record.channels}


def test_a_value_in_the_organisations_language_goes_before_the_others() -> None:
    file = DATA / "inetorgperson.ldif"
    assert records(fetch(file))[ANNA].posts[0].title == "Handläggare"
    assert records(fetch(file, language="fi"))[ANNA].posts[0].title == "Virkailija"
    assert records(fetch(file, language="de"))[ANNA].posts[0].title == "Officer"


def test_lines_of_a_postal_address_are_parted_by_dollar_signs() -> None:
    assert records(fetch(DATA / "inetorgperson.ldif"))[ANNA].postal_address == "Kommunen, Box 1 $, 701 00 Björkdal"


def test_a_deputy_is_found_however_their_name_is_written() -> None:
    found = records(fetch(DATA / "inetorgperson.ldif"))
    assert found[ANNA].deputies[0] in found[BO].aliases


def test_a_unit_keeps_the_identity_of_its_entry() -> None:
    assert [unit.identity for unit in fetch(DATA / "inetorgperson.ldif", base="o=Kommun").units] == [
        "00000000-0000-4000-8000-0000000000aa"
    ]


def test_a_person_whose_name_cannot_be_read_is_there_without_a_record() -> None:
    """So that nobody takes them for removed."""
    person = next(person for person in fetch(DATA / "inetorgperson.ldif").people if person.identity == NAMELESS)
    assert (person.record, person.failed) == (None, "nameless")


def test_what_could_not_be_used_is_counted() -> None:
    connector = ldif(DATA / "inetorgperson.ldif")
    batch = asyncio.run(connector.fetch())
    report = connector.report
    assert report is not None
    assert (report.unidentified, report.nameless, report.refused_numbers, batch.skipped) == (1, 1, 1, 2)
    assert report.refused_values == 3  # an address that is none, a title that is not UTF-8, a file to fetch


def test_an_attribute_of_the_configuration_replaces_the_presets() -> None:
    found = records(fetch(DATA / "inetorgperson.ldif", attributes=Attributes(title=["description"], telephone=[])))
    assert found[ANNA].posts[0].title == "this line is folded and goes on"
    assert {channel.kind for channel in found[ANNA].channels} == {"e-mail"}


@pytest.mark.parametrize(
    ("text", "e164", "extension"),
    [
        ("019-21 12 34", "+4619211234", "1234"),
        ("+46 (0)19-21 12 34", "+4619211234", "1234"),
        ("0046 19 21 12 34", "+4619211234", "1234"),
        ("21 12 34", "+4619211234", "1234"),
        ("1234", "", "1234"),
        ("019-21 10 00 ankn. 4321", "+4619211000", "4321"),
        ("tel:+4619211000;ext=4321", "+4619211000", "4321"),
        ("019-21 12 34, 019-21 12 35", "+4619211234", "1234"),
        ("08-508 00 000", "+46850800000", "0000"),
    ],
)
def test_a_number_is_dialled_as_it_was_meant(text: str, e164: str, extension: str) -> None:
    found = parse(text, Plan("SE", "019", 4))
    assert found
    assert (found.e164, found.extension) == (e164, extension)


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("019-21 12 34", "+4619211234"),
        ("019-21 10 00 ankn. 4321", "+4619211000;ext=4321"),
        ("tel:+4619211000;ext=4321", "+4619211000;ext=4321"),
        ("019-21 43 21 ankn 4321", "+4619214321"),
        ("019-21 43 21 ankn 321", "+4619214321;ext=321"),
        ("4321", "+4619211000;ext=4321"),
    ],
)
def test_an_extension_is_asked_for_at_the_switchboard(text: str, dialled: str) -> None:
    """RFC 3966. A direct number may have its own end written behind it, which nobody needs to be asked for."""
    found = parse(text, Plan("SE", "019", 4, "019-21 10 00"))
    assert found
    assert found.dialled == dialled


def test_nobody_asks_for_a_fax_or_a_mobile_at_the_switchboard(tmp_path: Path) -> None:
    lines = (
        (DATA / "inetorgperson.ldif")
        .read_bytes()
        .replace(b"telephoneNumber: ", b"facsimileTelephoneNumber: 4321\ntelephoneNumber: ", 1)
    )
    (tmp_path / "people.ldif").write_bytes(lines.replace(b"telephoneNumber: ", b"mobile: 4321\ntelephoneNumber: ", 1))
    found = records(fetch(tmp_path / "people.ldif", extension_length=4, switchboard="019-21 10 00"))
    kinds = {channel.kind for record in found.values() for channel in record.channels if "+4619211000" in channel.value}
    assert not kinds & {"fax", "mobile"}


def test_without_a_switchboard_an_extension_alone_is_no_number_to_dial() -> None:
    assert parse("4321", Plan("SE", "019", 4)) == Number("", "4321")


@pytest.mark.parametrize("text", ["", "finns ej", "ring 019-21 12 34", "12", "+46 1", "0" * 40, "019-21 12 34\u202e" * 9])
def test_what_could_not_be_dialled_is_no_number(text: str) -> None:
    assert parse(text, Plan("SE", "019", 4)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Ek\\, Nils,OU=A  B,DC=x", "cn=ek\\2c nils, ou=a b ,dc=X"),
        ('cn="Ek, Nils",dc=x', "CN=Ek\\, Nils;DC=x"),
        ("cn=a+sn=b,dc=x", "sn=B + cn=A,dc=x"),
        ("ou=Ännheimè,dc=x", "2.5.4.11=\\c3\\84nnheimè,dc=x"),
    ],
)
def test_two_ways_to_write_a_name_are_one_name(one: str, other: str) -> None:
    assert dn.key(one) == dn.key(other)


@pytest.mark.parametrize("text", ["anna", "=x", "cn=a,,dc=x", 'cn="a', "cn=a\\", "1a=b", "cn=a," * 3000 + "dc=x"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        dn.parse(text)


# Who is protected


def test_marks_come_from_attribute_group_and_list_of_one_file(tmp_path: Path) -> None:
    group = "\ndn: cn=skydd,o=Kommun\nobjectClass: groupOfNames\nmember: uid=Bo, ou=Ännheimè,o=Kommun\n"
    file = written(tmp_path, (DATA / "inetorgperson.ldif").read_text() + group)
    listed = tmp_path / "listed.txt"
    listed.write_text("employee:10099\n")
    batch = fetch(file, marks=Marks(attribute="uid", values=["anna"], group="cn=Skydd,o=kommun", list_file=str(listed)))
    assert set(batch.marked or ()) == {ANNA, BO, "employee:10099"}


def test_a_mark_that_cannot_be_read_protects(tmp_path: Path) -> None:
    file = written(tmp_path, (DATA / "inetorgperson.ldif").read_text().replace("uid: Anna", "uid:< file:///mark"))
    assert fetch(file, marks=Marks(attribute="uid", values=["x"])).marked == (ANNA,)


def test_a_group_that_is_not_in_the_file_refuses_the_reading() -> None:
    assert refusal(DATA / "inetorgperson.ldif", marks=Marks(group="cn=skydd,o=Kommun")) == "marks"


@pytest.mark.parametrize("said", [{}, {"attribute": "uid"}, {"values": ["x"]}])
def test_marks_without_a_source_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="marks"):
        Marks(**said)


@contextmanager
def appending(file: Path, text: str, after: float) -> Iterator[None]:
    """A program that writes in place goes on after a pause."""
    timer = threading.Timer(after, lambda: file.open("a").write(text))
    timer.start()
    yield
    timer.join()


def test_a_list_of_protected_people_that_is_being_written_protects_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody loses protection because the program that writes the list pauses before their line."""
    file = tmp_path / "listed.txt"
    file.write_text("mail:anna@kommun.example\n")
    monkeypatch.setattr(stamp, "QUIET", 0.3)
    with appending(file, "employee:10099\n", 0.1):
        assert refusal(DATA / "inetorgperson.ldif", marks=Marks(list_file=str(file))) == "interrupted"
    assert marks.listed(str(file)) == {"mail:anna@kommun.example", "employee:10099"}


@pytest.mark.parametrize("begun", ["", "mail:anna@kommun.example\nemployee:100"])
def test_a_list_that_is_empty_or_ends_within_a_line_is_waited_for_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    file = tmp_path / "listed.txt"
    file.write_text(begun)
    monkeypatch.setattr(stamp, "QUIET", 0.2)
    with appending(file, "99\n", 0.35), pytest.raises(SourceUnavailable, match="is being written"):
        marks.listed(str(file))


def test_a_list_whose_last_line_an_editor_left_without_its_end_is_read(tmp_path: Path) -> None:
    (tmp_path / "listed.txt").write_text("employee:10099")
    assert marks.listed(str(tmp_path / "listed.txt")) == {"employee:10099"}


# The file


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("version: 2\ndn: o=x\no: x\n", "version"),
        ("dn: uid=a,o=x\nchangetype: delete\n", "change-records"),
        ("dn: uid=a,o=x\nobjectClass: person\ncn: A\nentryUUID: 00000000-0000-4000-8000-000000000001", "truncated"),
        ("dn: uid=a,o=x\nobjectClass: person\ncn: A\nentryUUID: not-a-uuid\n", "empty"),
    ],
)
def test_a_file_that_is_no_directory_is_refused(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(written(tmp_path, text)) == code


@pytest.mark.parametrize(("result", "refused"), [("0 Success", False), ("4 Size limit exceeded", True)])
def test_the_result_that_ldapsearch_writes_at_the_end_is_heeded(tmp_path: Path, result: str, refused: bool) -> None:
    file = written(tmp_path, (DATA / "inetorgperson.ldif").read_text() + f"\n# search result\nsearch: 2\nresult: {result}\n")
    if refused:
        assert refusal(file) == "truncated"
    else:
        assert ANNA in records(fetch(file))


def test_a_search_whose_result_has_not_come_yet_is_no_whole_directory(tmp_path: Path) -> None:
    """ldapsearch begins with its own name and ends with the result: what lacks it goes on, or was killed."""
    text = "# extended LDIF\n#\n# LDAPv3\n\n" + (DATA / "inetorgperson.ldif").read_text().removeprefix("version: 1\n")
    assert refusal(written(tmp_path, text)) == "truncated"
    assert ANNA in records(fetch(written(tmp_path, text + "\n# search result\nsearch: 2\nresult: 0 Success\n")))


def test_a_file_that_is_being_written_is_no_directory_though_it_pauses_at_the_end_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DATA / "inetorgperson.ldif").read_text()
    cut = text.index("\n\n", len(text) // 2) + 2
    file = written(tmp_path, text[:cut])
    monkeypatch.setattr(stamp, "QUIET", 0.3)
    with appending(file, text[cut:], 0.1):
        assert refusal(file) == "interrupted"
    assert ANNA in records(fetch(file))


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.ldif") == "unreadable"


def test_a_file_above_the_limit_is_refused() -> None:
    assert refusal(DATA / "inetorgperson.ldif", max_bytes=100) == "too-large"


def test_two_records_of_one_identity_are_refused(tmp_path: Path) -> None:
    text = (DATA / "inetorgperson.ldif").read_text().replace(BO, ANNA)
    assert refusal(written(tmp_path, text)) == "duplicate-identity"


def test_lines_end_as_on_windows_or_with_a_byte_order_mark_all_the_same(tmp_path: Path) -> None:
    text = (DATA / "inetorgperson.ldif").read_bytes()
    assert records(fetch(written(tmp_path, b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")))) == records(
        fetch(DATA / "inetorgperson.ldif")
    )


def test_a_record_without_a_readable_name_is_refused_and_its_neighbours_stay() -> None:
    data = b"cn: nobody\n\ndn:: %%%\ncn: x\n\ndn:< file:///x\ncn: x\n\ndn: o=x\ncn: Anna\n"
    assert list(read(data)) == [
        Refused(1, "no-name"),
        Refused(3, "bad-name"),
        Refused(6, "bad-name"),
        Entry("o=x", {"cn": [b"Anna"]}),
    ]


def test_a_search_result_of_another_kind_is_no_entry() -> None:
    assert list(read(b"search: 2\nresult: 10 Referral\n")) == [Trailer(10)]


def test_every_file_of_the_corpus_is_read_or_refused_with_a_reason() -> None:
    corpus = os.environ.get("PRESENCE_CORPUS")
    if not corpus:
        pytest.skip("PRESENCE_CORPUS names no corpus")
    files = sorted(Path(corpus, "directory").rglob("*.ldif"))
    assert len(files) > 100
    outcomes: dict[str, int] = {}
    for file in files:
        entries = sum(isinstance(item, Entry) for item in read(file.read_bytes()))
        try:
            code = "read" if fetch(file, attributes=Attributes(identity="dn")).people else "?"
        except SourceInvalid as error:
            code = error.code
        outcomes[code] = outcomes.get(code, 0) + 1
        assert entries or code != "read", file.name
    assert set(outcomes) <= {"read", "empty", "change-records", "truncated", "duplicate-identity"}, outcomes
    assert outcomes["read"] >= 10
