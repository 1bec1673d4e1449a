"""Answers of a WebDAV server: read where they are what they should be, refused where not, and never anything in between."""

import random
import time

import pytest

from connectors.dav.markup import DAV, multistatus, parse
from presence.ports import SourceInvalid
from tests.servers.scripted_dav import described, objects, response, synchronised
from tests.servers.scripted_dav import multistatus as written

ROOT = f"{DAV}multistatus"


def test_properties_that_were_not_found_are_none() -> None:
    parts = propstat("<getetag>1</getetag>", 200) + propstat("<sync-token>t</sync-token>", 404)
    ((answer,), _) = multistatus(written(f"<response><href>/a</href>{parts}</response>").encode())
    assert answer.found.first(f"{DAV}getetag") == "1"
    assert answer.found.first(f"{DAV}sync-token") == ""


def propstat(props: str, status: int) -> str:
    return f"<propstat><prop>{props}</prop><status>HTTP/1.1 {status} Said</status></propstat>"


def test_prefixes_and_entities_of_characters_are_as_in_any_xml() -> None:
    text = '<x:multistatus xmlns:x="DAV:"><x:response><x:href>/&#229;&amp;<![CDATA[<]]></x:href></x:response></x:multistatus>'
    assert multistatus(text.encode())[0][0].href == "/å&<"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings_that_xml_has_to_have_are_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><multistatus xmlns="DAV:"><sync-token>å</sync-token></multistatus>'
    assert parse(text.encode(encoding), ROOT).first(f"{DAV}sync-token") == "å"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE m [{LAUGHS}]><multistatus xmlns='DAV:'>&l9;</multistatus>",
        "<!DOCTYPE m [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><multistatus xmlns='DAV:'>&f;</multistatus>",
        "<!DOCTYPE m SYSTEM 'http://127.0.0.1/m.dtd'><multistatus xmlns='DAV:'/>",
        "<!DOCTYPE m><multistatus xmlns='DAV:'/>",
        "<multistatus xmlns='DAV:'>&f;</multistatus>",
        "<multistatus/>",
        "<multistatus xmlns='DAV:'>" + "<a>" * 200_000,
        "<multistatus xmlns='DAV:'>" + "<a/>" * 300_000 + "</multistatus>",
        "<?xml version='1.0' encoding='x-unheard-of'?><multistatus xmlns='DAV:'/>",
        "<multistatus xmlns='DAV:' " + " ".join(f"a{n}='{n}'" for n in range(50_000)),
        "",
        "\0",
    ],
)
def test_what_webdav_never_needs_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(SourceInvalid) as caught:
        parse(text.encode(), ROOT)
    assert caught.value.code == "not-dav"
    assert time.process_time() - begun < 20  # what it guards against takes minutes


def test_damaged_answers_are_refused_or_read_and_never_raise_anything_else() -> None:
    """5,000 answers with some octets changed, lost or doubled; seeded."""
    dice = random.Random(4791)
    data = objects("anna/", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    answers = [
        described("anna/", token="t", tag="c"),
        synchronised("t", "a.ics"),
        data,
        written(response("a", "<getetag>1</getetag>", 404)),
    ]
    refused = 0
    for number in range(5_000):
        octets = bytearray(answers[number % len(answers)].encode())
        for _ in range(dice.randint(1, 6)):
            at, how = dice.randrange(len(octets)), dice.randrange(3)
            if how == 0:
                octets[at] = dice.randrange(256)
            elif how == 1:
                del octets[at : at + dice.randrange(30)]
            else:
                octets[at:at] = octets[at : at + dice.randrange(60)]
        try:
            multistatus(bytes(octets))
        except SourceInvalid:
            refused += 1
    assert 2_500 < refused < 5_000
