"""What people read: every sentence in every language, and what no sentence can say."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from presence.domain.audience import Speaker
from presence.domain.directory import Contact
from presence.domain.enquiry import Offer, When
from presence.domain.facts import ChannelRecord, DayException
from presence.domain.hours import HoursSpec, OpeningHours
from presence.domain.intervals import FOREVER, Instant, Status
from presence.domain.referral import Referral
from presence.domain.step import Step, To
from presence.wording import BUILT_IN, BadCatalogue, Wording, load, problems
from presence.wording.catalogue import places, read

ZONE = "Europe/Stockholm"
LANGUAGES = ("sv", "sv-x-plain", "en")


def at(text: str) -> Instant:
    """Local time in Sweden."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


NOW = at("2026-11-25T10:42")
ANNA = Contact("anna", name="Anna Åström")
OFFICE = Contact("office", type="service_point", name="Medborgarkontoret")
SPOKEN = load(LANGUAGES, ZONE)
PHONE, MAIL = ChannelRecord("telephone", "+4619211234"), ChannelRecord("e-mail", "anna@example.se")
CENTRE_PHONE, CENTRE_MAIL = ChannelRecord("telephone", "+4619211000"), ChannelRecord("e-mail", "servicecenter@example.se")


def offers(*channels: ChannelRecord, is_open: bool = True, until: Instant = FOREVER) -> tuple[Offer, ...]:
    return tuple(Offer(c, is_open or c.kind == "e-mail", FOREVER if c.kind == "e-mail" else until) for c in channels)


def said(status: Status, until: When | None = None, language: str = "sv", contact: Contact = ANNA, now: Instant = NOW) -> str:
    return SPOKEN[language].at(now).status(contact, status, until, offers(PHONE, MAIL))


def led(
    steps: Sequence[Step], names: Sequence[str], language: str = "sv", until: When | None = None, mail: To | None = None
) -> str:
    referral = Referral(tuple(steps), FOREVER, frozenset(), mail)
    return SPOKEN[language].at(NOW).lead(referral, names, Status.AWAY, until)


AWAY_STEP = Step("contact", "anna", False, offers=offers(PHONE, MAIL))
OPEN_CENTRE = Step("centre", "centre", True, None, at("2026-11-25T17:00"), offers(CENTRE_PHONE, CENTRE_MAIL))
CLOSED_CENTRE = Step("centre", "centre", False, at("2026-11-26T08:00"), None, offers(CENTRE_PHONE, CENTRE_MAIL, is_open=False))
MAILBOX = Step("mailbox", "bygglov", True, offers=(Offer(ChannelRecord("e-mail", "bygglov@example.se"), True, FOREVER),))


VISIT = ChannelRecord("visit", "Storgatan 1")


@pytest.mark.parametrize(
    ("channels", "unknown", "lead", "step"),
    [
        (
            (PHONE, MAIL),
            " Du kan ringa eller mejla som vanligt.",
            "Ring eller skriv direkt.",
            "Du kan ringa eller skriva som vanligt.",
        ),
        ((PHONE,), " Du kan ringa som vanligt.", "Ring direkt.", "Du kan ringa som vanligt."),
        ((MAIL, VISIT), " Du kan mejla som vanligt.", "Skriv direkt.", "Du kan skriva som vanligt."),
        ((VISIT,), "", "Går att nå nu.", "Går att nå nu."),
    ],
    ids=["both", "telephone", "mail", "neither"],
)
def test_nobody_is_told_to_call_or_write_where_there_is_nothing_to(
    channels: tuple[ChannelRecord, ...], unknown: str, lead: str, step: str
) -> None:
    speech = SPOKEN["sv"].at(NOW)
    own = Step("contact", "anna", True, offers=offers(*channels))
    assert (
        speech.status(ANNA, Status.UNKNOWN, None, own.offers).removeprefix("Vi kan inte visa om personen går att nå just nu.")
        == unknown
    )
    assert speech.lead(Referral((own,), FOREVER, frozenset(), None), ["Anna"], Status.AVAILABLE, None) == lead
    assert speech.step(own, "Anna", long_wait=False) == step


def test_whoever_wants_to_talk_is_told_who_answers_beside_somebody_to_write_to() -> None:
    own = Step("contact", "anna", True, offers=offers(MAIL))
    referral = Referral((own, OPEN_CENTRE), FOREVER, frozenset(), None)
    said = SPOKEN["sv"].at(NOW).lead(referral, ["Anna", "Servicecenter"], Status.AVAILABLE, None)
    assert said == "Skriv direkt. Servicecenter kan hjälpa dig nu: 019-21 10 00, öppet till 17.00."


def test_a_matter_of_relationship_is_left_as_a_message_before_anybody_else_helps() -> None:
    referral = Referral((AWAY_STEP, OPEN_CENTRE), FOREVER, frozenset(), None, own_first=True)
    said = SPOKEN["sv"].at(NOW).lead(referral, ["Anna", "Servicecenter"], Status.BUSY, at("2026-11-25T14:30"))
    assert said == "Du kan skriva till anna@example.se. Servicecenter kan hjälpa dig nu: 019-21 10 00, öppet till 17.00."


def test_a_matter_of_relationship_without_a_mail_of_its_own_still_has_a_way_out() -> None:
    own = Step("contact", "anna", False, offers=offers(PHONE, is_open=False))
    said = (
        SPOKEN["sv"]
        .at(NOW)
        .lead(
            Referral((own, CLOSED_CENTRE, MAILBOX), FOREVER, frozenset(), None, own_first=True),
            ["A", "Servicecenter", "B"],
            Status.BUSY,
            None,
        )
    )
    assert said == "Servicecenter öppnar i morgon 8.00. Du kan skriva till bygglov@example.se."


def test_who_has_no_channel_at_all_is_said_to_have_none() -> None:
    assert SPOKEN["sv"].at(NOW).step(Step("contact", "anna", False), "Anna", long_wait=False) == "Har inga egna kontaktvägar här."


def test_whose_telephone_is_off_is_written_to() -> None:
    own = Step("contact", "anna", True, offers=offers(PHONE, MAIL, is_open=False))
    assert (
        SPOKEN["sv"].at(NOW).lead(Referral((own,), FOREVER, frozenset(), None), ["Anna"], Status.AVAILABLE, None)
        == "Skriv direkt."
    )


# --- catalogues ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_of_the_three_languages_is_complete(language: str) -> None:
    every = set().union(*(read(BUILT_IN / f"{name}.po") for name in LANGUAGES))
    assert set(read(BUILT_IN / f"{language}.po")) == every


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_nothing_that_the_original_does_not_give(language: str) -> None:
    """The pair of time and moment is always given together."""
    swedish, translated = read(BUILT_IN / "sv.po"), read(BUILT_IN / f"{language}.po")
    for name, text in translated.items():
        extra = places(text) - places(swedish[name])
        assert extra <= ({"time", "moment"} if name.endswith("until_time") else set()), name


_REASONS = re.compile(
    r"sjuk|ledig|semester|föräldra|\bmöte|\bkurs\b|\bvab|läkar|tjänsteresa|sick|\bleave\b|vacation|holiday|parental|meeting|course",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_word_for_a_reason(language: str) -> None:
    """Whether, never why."""
    assert [t for t in read(BUILT_IN / f"{language}.po").values() if _REASONS.search(t)] == []


def test_a_further_language_needs_one_file_and_borrows_what_it_lacks(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (tmp_path / "fi.po").write_text(f'{head}msgid "status.busy"\nmsgstr "Varattu juuri nyt."\n', encoding="utf-8")
    finnish = load(["sv", "fi"], ZONE, directories=[tmp_path])["fi"]
    speech = finnish.at(NOW)
    assert speech.status(ANNA, Status.BUSY, at("2026-11-25T14:30"), ()) == "Varattu juuri nyt. Probably available from 14.30."
    assert finnish.name == "Suomi"


def test_a_language_that_runs_right_to_left_says_so_and_isolates_what_does_not(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (tmp_path / "ar.po").write_text(f'{head}msgid "lead.opens"\nmsgstr "يفتح {{name}} {{moment}}."\n', encoding="utf-8")
    arabic = load(["ar"], ZONE, directories=[tmp_path])["ar"]
    assert arabic.direction == "rtl"
    assert "\u2068Servicecenter\u2069" in arabic.text("lead.opens", name="Servicecenter", moment="8")


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadCatalogue, match=r"no catalogue xx\.po; there are: en, sv, sv-x-plain"):
        load(["xx"], ZONE)


def test_a_broken_catalogue_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "fi.po").write_bytes(b'msgid "status.busy"\nmsgstr "\xff\xfe')
    with pytest.raises(BadCatalogue, match=r"fi\.po"):
        load(["fi"], ZONE, directories=[tmp_path])


def test_an_organisation_says_it_in_its_own_words() -> None:
    own = {
        "status.busy": {"sv": "Inte ledig för samtal nu."},
        "reply_mail": {"sv": "Svar inom två dagar.", "en": "Reply in two days."},
    }
    wordings = load(LANGUAGES, ZONE, own)
    assert wordings["sv"].at(NOW).status(ANNA, Status.BUSY, None, ()).startswith("Inte ledig för samtal nu.")
    assert wordings["en"].at(NOW).status(ANNA, Status.BUSY, None, ()).startswith("Busy right now.")
    assert [wordings[n].text("reply.mail") for n in LANGUAGES] == [
        "Svar inom två dagar.",
        "Svar inom två dagar.",
        "Reply in two days.",
    ]


def test_what_an_organisation_promises_is_never_made_up() -> None:
    assert [SPOKEN[n].text("reply.mail") for n in LANGUAGES] == ["", "", ""]


def test_wrong_texts_of_an_organisation_are_named() -> None:
    wrong = {"status.bussy": {"sv": "Upptagen."}, "lead.opens": {"sv": "{name} öppnar {tid}."}, "reply_mail": {"sv": "Snart."}}
    assert list(problems(wrong)) == [
        ("status.bussy", "there is no text of this name"),
        ("lead.opens", "{tid} cannot be filled in here"),
    ]


def test_nothing_in_a_text_or_a_value_is_evaluated() -> None:
    wording = load(["sv"], ZONE, {"lead.helps": {"sv": "{name.__class__} {name} {0}"}})["sv"]
    assert wording.text("lead.helps", name="{phone}") == "{name.__class__} {phone} {0}"


# --- status ---


@pytest.mark.parametrize(
    ("status", "until", "swedish", "english"),
    [
        (Status.AVAILABLE, None, "Går att nå nu.", "Available now."),
        (
            Status.BUSY,
            at("2026-11-25T14:30"),
            "Upptagen just nu. Går troligen att nå från 14.30.",
            "Busy right now. Probably available from 2:30 pm.",
        ),
        (Status.BUSY, None, "Upptagen just nu. Försök igen senare.", "Busy right now. Please try again later."),
        (
            Status.AWAY,
            at("2026-11-25T14:30"),
            "Inte i tjänst just nu. Väntas åter i dag 14.30.",
            "Not at work right now. Expected back at 2:30 pm today.",
        ),
        (
            Status.AWAY,
            date(2026, 11, 26),
            "Inte i tjänst just nu. Väntas åter i morgon.",
            "Not at work right now. Expected back tomorrow.",
        ),
        (
            Status.AWAY,
            date(2026, 12, 3),
            "Inte i tjänst just nu. Väntas åter torsdag 3 december.",
            "Not at work right now. Expected back on Thursday 3 December.",
        ),
        (Status.AWAY, None, "Inte i tjänst just nu.", "Not at work right now."),
        (
            Status.CLOSED,
            at("2026-11-25T13:00"),
            "Utanför kontorstid. Går troligen att nå från 13.00.",
            "Outside office hours. Probably available from 1 pm.",
        ),
        (Status.CLOSED, None, "Utanför kontorstid.", "Outside office hours."),
        (
            Status.UNKNOWN,
            None,
            "Vi kan inte visa om personen går att nå just nu. Du kan ringa eller mejla som vanligt.",
            "We cannot show whether this person is available right now. You can call or email as usual.",
        ),
    ],
)
def test_a_person_is_said_to_be(status: Status, until: When | None, swedish: str, english: str) -> None:
    assert (said(status, until), said(status, until, "en")) == (swedish, english)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", list(Status))
def test_the_first_sentence_alone_says_the_state(status: Status, language: str) -> None:
    """Pages and widget set it in bold, so it may not depend on when the state ends."""
    ends: list[When | None] = [None, at("2026-11-25T14:30"), date(2026, 11, 30)]
    assert len({said(status, until, language).partition(". ")[0].rstrip(".") for until in ends}) == 1


def test_an_available_person_whose_telephone_hours_end_says_when() -> None:
    hours = offers(ChannelRecord("telephone", "+4619211234", hours="09:00-11:00"), MAIL, until=at("2026-11-25T11:00"))
    assert SPOKEN["sv"].at(NOW).status(ANNA, Status.AVAILABLE, None, hours) == "Går att nå nu. Telefontid till 11.00."


def test_an_available_person_whose_telephone_is_closed_does_not_invite_a_call() -> None:
    closed = offers(PHONE, MAIL, is_open=False, until=at("2026-11-26T09:00"))
    speech = SPOKEN["sv"].at(NOW)
    told = speech.status(ANNA, Status.AVAILABLE, None, closed, at("2026-11-26T09:00"))
    assert told == "Går att nå nu. Men telefonen är stängd och öppnar i morgon 9.00."
    on_a_day = speech.status(ANNA, Status.AVAILABLE, None, closed, date(2026, 11, 26))
    assert on_a_day == "Går att nå nu. Men telefonen är stängd och öppnar i morgon."
    assert speech.status(ANNA, Status.AVAILABLE, None, closed) == "Går att nå nu. Men telefonen är stängd just nu."
    assert speech.status(OFFICE, Status.AVAILABLE, None, closed) == "Öppet nu. Men telefonen är stängd just nu."


def test_a_service_point_is_open_or_closed_not_at_work_or_away() -> None:
    speech = SPOKEN["sv"].at(NOW)
    desk = offers(ChannelRecord("visit", "Storgatan 1"), until=at("2026-11-25T17:00"))
    assert speech.status(OFFICE, Status.AVAILABLE, None, desk) == "Öppet nu. Stänger 17.00."
    assert speech.status(OFFICE, Status.CLOSED, at("2026-11-26T08:00"), desk) == "Stängt just nu. Öppnar i morgon 8.00."


# --- where to turn ---


def test_an_open_centre_is_named_with_its_number_and_closing_time() -> None:
    assert (
        led([AWAY_STEP, OPEN_CENTRE], ["Anna", "Servicecenter"])
        == "Servicecenter kan hjälpa dig nu: 019-21 10 00, öppet till 17.00."
    )


def test_a_closed_centre_says_when_it_opens_and_where_a_mail_is_read() -> None:
    told = led([CLOSED_CENTRE, AWAY_STEP], ["Servicecenter", "Anna"], "en")
    assert told == "Servicecenter opens tomorrow at 8 am. You can write to servicecenter@example.se."


def test_a_mail_to_somebody_away_for_long_may_not_be_read_which_is_no_promise_that_it_is_not() -> None:
    told = led([AWAY_STEP, OPEN_CENTRE, MAILBOX], ["Anna", "Servicecenter", "Bygglov"], mail="mailbox")
    assert told.endswith("Mejl till personen läses kanske inte just nu. Skriv hellre till bygglov@example.se.")
    english = led([AWAY_STEP, MAILBOX], ["Anna", "Bygglov"], "en", date(2026, 11, 30), "mailbox")
    assert (
        english == "Email to this person may not be read before Monday 30 November. Please write to bygglov@example.se instead."
    )


def test_nothing_is_said_of_mail_to_somebody_without_an_address() -> None:
    silent = AWAY_STEP._replace(offers=offers(PHONE))
    assert "Mejl" not in led([silent, OPEN_CENTRE, MAILBOX], ["Anna", "Servicecenter", "Bygglov"], mail="mailbox")


def test_a_deputy_is_named_with_the_number() -> None:
    deputy = Step("deputy", "omar", True, offers=offers(ChannelRecord("telephone", "+4619211240")))
    assert (
        led([AWAY_STEP, deputy, OPEN_CENTRE], ["Anna", "Omar Ali", "S"]) == "Omar Ali ersätter och går att nå nu: 019-21 12 40."
    )


def test_nobody_at_all_is_said_plainly() -> None:
    speech = SPOKEN["en"].at(NOW)
    assert speech.lead(Referral((), FOREVER, frozenset(), None), [], None, None) == "Nobody can be reached right now."


def test_a_step_of_a_closed_place_never_says_that_it_can_help_now() -> None:
    speech = SPOKEN["sv"].at(NOW)
    assert speech.step(CLOSED_CENTRE, "Servicecenter", False) == "Öppnar i morgon 8.00."
    assert speech.step(OPEN_CENTRE, "Servicecenter", True) == (
        "Kan hjälpa dig nu. Öppet till 17.00. Det är lång kö just nu. Skriv gärna i stället."
    )


@pytest.mark.parametrize(
    ("waiting", "told"),
    [
        (None, "Öppet nu till 17.00."),
        (60, "Öppet nu till 17.00. Väntetiden är kort."),
        (720, "Öppet nu till 17.00. Väntetiden är ungefär 12 minuter."),
    ],
)
def test_the_centre_says_how_long_one_waits(waiting: int | None, told: str) -> None:
    assert SPOKEN["sv"].at(NOW).centre(OPEN_CENTRE, waiting) == told


# --- time ---


@pytest.mark.parametrize(
    ("instant", "swedish", "english"),
    [
        ("2026-11-25T14:30", "i dag 14.30", "at 2:30 pm today"),
        ("2026-11-26T08:00", "i morgon 8.00", "tomorrow at 8 am"),
        ("2026-11-27T08:00", "fredag 27 november 8.00", "on Friday 27 November at 8 am"),
        ("2027-11-29T08:00", "måndag 29 november 2027 8.00", "on Monday 29 November 2027 at 8 am"),
    ],
)
def test_a_moment_is_written_as_people_say_it(instant: str, swedish: str, english: str) -> None:
    written = [SPOKEN[n].moments.moment(at(instant), NOW) for n in ("sv", "en")]
    assert written == [swedish, english]


def test_today_is_that_of_the_organisation_not_of_utc() -> None:
    """00:30 in Sweden is still yesterday in UTC."""
    assert SPOKEN["sv"].moments.moment(at("2026-11-25T08:00"), at("2026-11-25T00:30")) == "i dag 8.00"


def test_an_end_at_midnight_belongs_to_the_day_that_ends() -> None:
    assert SPOKEN["sv"].moments.end(at("2026-11-26T00:00"), NOW) == "0.00"


def test_the_day_on_which_clocks_go_back_is_one_day() -> None:
    assert SPOKEN["sv"].moments.moment(at("2026-10-25T23:30"), at("2026-10-25T00:30")) == "i dag 23.30"


@pytest.mark.parametrize(
    ("rule", "swedish", "english"),
    [
        ("Mo-Fr 08:00-17:00", "mån–fre 8–17", "Mon–Fri 8 am–5 pm"),
        ("Mo-Th 08:00-17:00; Fr 08:00-15:00", "mån–tors 8–17, fre 8–15", "Mon–Thu 8 am–5 pm, Fri 8 am–3 pm"),
        ("Mo-Fr 09:00-11:30,13:00-15:00", "mån–fre 9–11.30 och 13–15", "Mon–Fri 9 am–11:30 am and 1 pm–3 pm"),
        ("Tu,Th 22:00-06:00", "tis 22–6, tors 22–6", "Tue 10 pm–6 am, Thu 10 pm–6 am"),
        ("Sa,Su 10:00-14:00", "lör, sön 10–14", "Sat, Sun 10 am–2 pm"),
        ("Mo-Su 10:00-24:00", "alla dagar 10–24", "every day 10 am–12 am"),
        ("24/7", "dygnet runt", "day and night"),
        ("off", "inga fasta tider", "no regular hours"),
        ("Mo-Fr 08:00-17:00; PH off", "mån–fre 8–17", "Mon–Fri 8 am–5 pm"),
    ],
)
def test_opening_hours_are_written_in_words(rule: str, swedish: str, english: str) -> None:
    hours = OpeningHours(HoursSpec(rule, ZONE))
    assert [SPOKEN[n].at(NOW).hours(hours) for n in ("sv", "en")] == [swedish, english]


def test_a_coming_exception_is_told_by_its_day() -> None:
    exceptions = (DayException("2026-11-26", open=("08:00-12:00",)), DayException("2026-11-27"))
    hours = OpeningHours(HoursSpec("Mo-Fr 08:00-17:00", ZONE, exceptions=exceptions))
    told = [SPOKEN["sv"].at(NOW).exception(coming) for coming in hours.coming(NOW)]
    assert told == ["I morgon: öppet 8–12", "Fredag 27 november: stängt"]


# --- channels ---


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+4619211234", "019-21 12 34"),
        ("+46701234567", "070-123 45 67"),
        ("+4721112233", "+47 21 11 22 33"),
        ("1177", "1177"),
        ("anknytning 1234", "anknytning 1234"),
        ("+4619211234;ext=56", "019-21 12 34, ankn. 56"),
    ],
)
def test_a_number_is_shown_as_people_of_the_country_write_it(value: str, shown: str) -> None:
    assert SPOKEN["sv"].display("telephone", value) == shown


@pytest.mark.parametrize(
    ("kind", "value", "target"),
    [
        ("telephone", "+4619211234", "tel:+4619211234"),
        ("e-mail", "anna@example.se", "mailto:anna@example.se"),
        ("e-service", "https://example.se/bygglov", "https://example.se/bygglov"),
        ("visit", "Storgatan 1", ""),
        ("chat", "javascript:alert(1)", ""),
    ],
)
def test_a_link_leads_to_exactly_the_value_or_there_is_none(kind: str, value: str, target: str) -> None:
    assert SPOKEN["sv"].target(kind, value) == target


def test_a_kind_is_called_what_the_language_calls_it_and_plain_swedish_is_swedish() -> None:
    assert [SPOKEN[n].label("visit") for n in LANGUAGES] == ["Besök", "Besök", "Visit"]


def test_a_wording_as_of_an_instant_is_what_the_views_ask_for() -> None:
    speaker: Speaker = SPOKEN["sv"].at(NOW)
    assert speaker.iso(NOW) == "2026-11-25T10:42:00+01:00"
    assert speaker.iso(date(2026, 11, 26)) == "2026-11-26"
    assert isinstance(SPOKEN["sv"], Wording)


@pytest.mark.parametrize(
    ("language", "said"),
    [("sv", "inom en dag"), ("sv-x-plain", "inom en dag"), ("en", "within a day"), ("de", "inom en dag")],
)
def test_a_reply_time_is_told_in_the_language_of_the_page_where_it_was_written_in_it(language: str, said: str) -> None:
    words = Wording(language, {}, "Europe/Stockholm", (), "SE", {"inom en dag": {"en": "within a day"}})
    assert words.own("inom en dag") == said
    assert words.own("samma dag") == "samma dag"
