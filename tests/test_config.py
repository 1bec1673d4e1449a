"""The settings: every mistake told at once, where it stands, and what to write instead."""

import contextlib
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from presence.config import Config, ConfigError, Invalid, Problem, import_path, limit_of, load, parse, said
from presence.configuration import formats, show
from presence.configuration.formats import duration
from presence.configuration.positions import positions
from presence.domain.facts import DayException

DATA = Path(__file__).parent / "data" / "config"
EXAMPLE = Path(show.__file__).with_name("example.toml")
SMALLEST = """
[organisation]
name = "Björkdalens kommun"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
"""


class Directory:
    """A connector with settings of its own."""

    class Settings(msgspec.Struct, frozen=True):
        url: str
        password: str = ""
        page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 500
        timeout: Annotated[int, msgspec.Meta(ge=1, le=60, extra={"format": "duration"})] = 10
        ca_file: Annotated[str, msgspec.Meta(extra={"format": "path"})] = "ca.pem"
        attributes: dict[str, tuple[str, ...]] = {}

        def __post_init__(self) -> None:
            if not self.url.startswith("ldap"):
                raise ValueError("url is not an LDAP address.")


class Plain:
    """A connector without any."""


def toys(path: str) -> type:
    """Finds the connectors of this file, as `import_path` finds installed ones."""
    name = path.removeprefix("toys:")
    if name not in ("Directory", "Plain"):
        raise Invalid(f'"toys" has no class "{name}".', "Did you mean Directory?")
    return {"Directory": Directory, "Plain": Plain}[name]


def problems(text: str) -> list[Problem]:
    with pytest.raises(ConfigError) as error:
        parse(text, "presence.toml", toys)
    return error.value.problems


@pytest.mark.parametrize("path", sorted(DATA.glob("*.toml")), ids=lambda path: path.stem)
def test_a_broken_file_gives_exactly_this_report(path: Path) -> None:
    """Each `.toml` here is broken in many ways; the `.txt` beside it is what its author is told."""
    with pytest.raises(ConfigError) as error:
        parse(path.read_text("utf-8"), path.name, toys)
    assert f"{error.value}\n" == path.with_suffix(".txt").read_text("utf-8")


def test_every_problem_points_at_its_line_and_names_the_key_as_it_is_written() -> None:
    text = SMALLEST + "[server]\n\nport = 99999\n"
    assert problems(text) == [Problem(11, "server.port", "should be from 0 to 65535.")]


def test_the_smallest_file_needs_only_a_name_a_centre_and_a_word_on_protection() -> None:
    config = parse(SMALLEST, "presence.toml")
    assert (config.organisation.zone, config.public.tick, config.limits.leave) == ("Europe/Stockholm", 30, 36 * 3600)
    assert config.publication.rules == ()


@pytest.mark.parametrize("table", ["organisation", "centre", "publication"])
def test_what_has_no_safe_default_must_be_said(table: str) -> None:
    others = [part for part in SMALLEST.strip().split("\n[") if not part.strip("[").startswith(table)]
    assert [problem.key for problem in problems("\n[".join(["", *(part.removeprefix("[") for part in others)]))] == [table]


def test_the_example_is_a_good_file() -> None:
    config = parse(EXAMPLE.read_text("utf-8"), "presence.toml")
    assert said(config.topics["bygglov"].name, "en") == "Building permits"
    assert config.organisation.exceptions == (DayException("2026-12-23", open=("08:00-12:00",)),)


def test_the_example_names_connectors_and_settings_that_exist() -> None:
    config = parse(EXAMPLE.read_text("utf-8"), "/etc/presence.toml", import_path)
    assert config.sources["ldap"].settings.password_file == "/etc/ldap.password"


def test_what_is_commented_in_the_example_is_the_default() -> None:
    """An administrator who takes away a comment mark changes nothing."""
    text = EXAMPLE.read_text("utf-8")
    bare = [
        line.removeprefix("# ") if line.startswith("# ") and " = " in line.split("#")[1] else line for line in text.splitlines()
    ]
    changed = {"short_numbers", "extension_length", "trusted_proxies", "allowed_hosts"}  # there the comment is an example
    bare = [line for line in bare if line.split(" = ")[0] not in changed]
    assert parse("\n".join(bare), "presence.toml") == parse(text, "presence.toml")


def test_kinds_of_channels_are_added_to_the_built_in_ones() -> None:
    config = parse(SMALLEST + '[channels]\nkiosk = { live = true, label = "Kiosk" }\nfax = { label = "Telefax" }\n', "p.toml")
    assert list(config.channels)[-2:] == ["fax", "kiosk"]
    assert (config.channels["fax"].live, said(config.channels["fax"].label, "sv")) == (False, "Telefax")


def test_relative_paths_are_relative_to_the_file_defaults_included() -> None:
    config = parse(SMALLEST + '[sources.a]\nconnector = "toys:Plain"\nkind = "leave"\ntoken_file = "t"\n', "/etc/presence/p.toml")
    assert config.key_file == "/etc/presence/installation.key"
    assert config.store.path == "/etc/presence/presence.sqlite"
    assert config.sources["a"].token_file == "/etc/presence/t"


SOURCE = '[sources.a]\nconnector = "toys:Directory"\nkind = "directory"\nurl = "ldaps://a"\ntimeout = "1 min"\n'


def test_a_connector_gets_its_own_settings_read_by_its_own_types() -> None:
    config = parse(SMALLEST + SOURCE, "/etc/p.toml", toys)
    assert config.sources["a"].settings == Directory.Settings(url="ldaps://a", timeout=60, ca_file="/etc/ca.pem")


def test_a_connector_s_own_check_is_not_troubled_with_what_is_missing() -> None:
    """Its `__post_init__` may refuse a blank, or fall over it."""
    missing = problems(SMALLEST + SOURCE.replace('url = "ldaps://a"\n', ""))
    assert [(each.key, each.message) for each in missing] == [("sources.a.url", "is missing.")]


def test_without_a_resolver_no_connector_is_looked_up() -> None:
    config = parse(SMALLEST + SOURCE, "/etc/p.toml")
    assert config.sources["a"].settings is None
    assert config.sources["a"].options == {"url": "ldaps://a", "timeout": "1 min"}


def test_a_source_has_the_limit_of_its_kind_unless_it_has_its_own() -> None:
    config = parse(SMALLEST + SOURCE, "p.toml")
    source = config.sources["a"]
    assert limit_of(config, source) == 24 * 3600
    assert limit_of(config, msgspec.structs.replace(source, limit=60)) == 60


WRONG = ["1", "-1", "1.5", "nan", '"x"', '""', "true", "[]", "{}", "2026-01-01", "10:00:00", "[[1]]", "[{}]", "{ a = {} }"]


@pytest.mark.parametrize("wrong", WRONG)
def test_no_value_of_any_key_crashes_the_reader(wrong: str) -> None:
    """Each key of the example in turn with a value of another type: a configuration, or problems, never anything else."""
    lines = [line.removeprefix("# ") if " = " in line else line for line in EXAMPLE.read_text("utf-8").splitlines()]
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith("#"):
            text = "\n".join([*lines[:number], f"{line.split(' = ')[0]} = {wrong}", *lines[number + 1 :]])
            with contextlib.suppress(ConfigError):
                assert isinstance(parse(text, "presence.toml", toys), Config)


@pytest.mark.parametrize(
    ("path", "said_", "hint"),
    [
        ("nowhere:Thing", 'there is no module "nowhere".', ""),
        ("presence.domain.fatcs:Post", 'there is no module "presence.domain.fatcs".', "Did you mean presence.domain.facts?"),
        ("presence.domain.facts:Pots", '"presence.domain.facts" has no class "Pots".', "Did you mean Post?"),
    ],
)
def test_an_import_path_that_leads_nowhere_says_where_it_may_have_been_meant_to(path: str, said_: str, hint: str) -> None:
    with pytest.raises(Invalid) as error:
        import_path(path)
    assert (error.value.message, error.value.hint) == (said_, hint)


def test_a_connector_that_breaks_while_it_is_imported_is_a_problem_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_connector.py").write_text("raise RuntimeError('no licence')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Invalid, match=r"cannot be imported: RuntimeError"):
        import_path("broken_connector:Connector")


def test_a_bound_holds_for_a_value_that_is_read_by_a_format() -> None:
    assert problems(SMALLEST + SOURCE.replace('"1 min"', '"0 s"'))[0].message == "should be from 1 to 60."


SECRETS = SOURCE + 'password = "kanariefågel"\n[sources.b]\nconnector = "toys:Plain"\nkind = "leave"\n'


def test_secrets_are_never_shown() -> None:
    text = SMALLEST + SECRETS + 'feed = "https://user:kanariefågel@example.se/x"\napi_token = "kanariefågel"\n'
    shown = show.toml(show.effective(parse(text, "p.toml")))
    assert "kanariefågel" not in shown
    assert shown.count(show.MASK) == 3


def test_a_secret_of_the_wrong_type_is_not_quoted_back() -> None:
    assert "123456" not in str(problems(SMALLEST + SOURCE + "password = 123456\n"))


def test_settings_that_are_shown_can_be_read_again() -> None:
    config = parse(EXAMPLE.read_text("utf-8"), "/etc/presence.toml")
    assert parse(show.toml(show.effective(config)), "/etc/presence.toml") == config


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30 s", 30),
        ("5 min", 300),
        ("36 h", 129600),
        ("1 d", 86400),
        ("1 h 30 min", 5400),
        ("0.5 h", 1800),
        (90, 90),
        ("5MIN", 300),
    ],
)
def test_a_duration_is_read_as_whole_seconds(written: Any, seconds: int) -> None:
    assert duration(written) == seconds


@pytest.mark.parametrize(
    "written", ["", "5", "min", "5 minuter", "-5 min", True, -1, [], "5 min x", float("inf"), float("nan"), "9999 d"]
)
def test_what_is_no_duration_is_refused_with_an_example(written: Any) -> None:
    with pytest.raises(Invalid) as error:
        duration(written)
    assert "5 min" in error.value.hint


LAYOUT = '''a = 1
b.c = "x # no comment" # yes
[t] # hey
"q.\\u0072" = [ 1, # c
  2, {k = "v", "z" = ['a',
"b"]} ]
m = """
[not]
x = ""  "" """""
[[arr]]
x = 2026-01-01 10:00:00
[[arr.sub]]
y=1
[[arr]]
[[arr.sub]]
[arr.sub.deep]
y = {}
'''


def test_each_key_is_found_on_the_line_on_which_it_stands() -> None:
    found = positions(LAYOUT)
    assert {path: found[path] for path in [("b", "c"), ("t", "q.r", 2, "z", 1), ("t", "m"), ("arr", 0, "sub", 0, "y")]} == {
        ("b", "c"): 2,
        ("t", "q.r", 2, "z", 1): 6,
        ("t", "m"): 7,
        ("arr", 0, "sub", 0, "y"): 13,
    }
    assert found["arr", 1, "sub", 0, "deep", "y"] == 17


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?s).*") as error:
        load(tmp_path / "presence.toml")
    assert "cannot be read: No such file" in str(error.value)


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "presence.toml"
    path.write_bytes('\nname = "Björkdalen"'.encode("latin-1"))
    with pytest.raises(ConfigError) as error:
        load(path)
    assert error.value.problems[0].line == 2


def test_files_that_are_named_must_be_of_use(tmp_path: Path) -> None:
    """A key that others can read or that was cut short, tokens that are not there, a store in a folder that is not there."""
    (tmp_path / "installation.key").write_bytes(b"x" * 31)
    text = SMALLEST + '[store]\npath = "no/store"\n[sources.a]\nconnector = "toys:Plain"\nkind = "leave"\ntoken_file = "t"\n'
    (tmp_path / "presence.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load(tmp_path / "presence.toml")
    assert [problem.key for problem in error.value.problems] == ["key_file", "store.path", "sources.a.token_file"]


def test_an_installation_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "installation.key").write_bytes(b"x" * 32)
    (tmp_path / "installation.key").chmod(0o644)
    (tmp_path / "presence.toml").write_text(SMALLEST, "utf-8")
    with pytest.raises(ConfigError, match=r"(?s).*") as error:
        load(tmp_path / "presence.toml")
    assert [problem.key for problem in error.value.problems] == ["key_file"]
    (tmp_path / "installation.key").chmod(0o600)
    assert isinstance(load(tmp_path / "presence.toml"), Config)


@pytest.mark.parametrize("day", ["9999-12-31", "1026-12-23"])
def test_an_exception_in_a_year_that_nobody_means_is_told(day: str) -> None:
    """The day after the last day of all calendars could not be reckoned."""
    given = f'[organisation]\nname = "X"\nexceptions = [{{ first = "{day}", last = "{day}" }}]\n'
    told = [each for each in problems(given) if "exceptions" in each.key]
    assert [each.message for each in told] == [f'"{day}" is not within 2000 to 2200.'] * 2


def test_a_directory_that_is_to_tell_who_is_protected_has_marks(tmp_path: Path) -> None:
    """Without them it would tell of nobody, and everybody would be published as unprotected."""
    text = (Path(__file__).parents[1] / "presence/configuration/example.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("marks = ")]
    assert len(lines) == len(text.splitlines()) - 1
    path = tmp_path / "presence.toml"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(ConfigError, match=r'publication\.protected.*"ldap" says of nobody that they are protected'):
        load(path, import_path)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://etjanst.se/bygglov–ansökan", "https://etjanst.se/bygglov%E2%80%93ans%C3%B6kan"),
        ("https://e-tjänster.björkdalen.se:8443/å?q=ö", "https://xn--e-tjnster-y2a.xn--bjrkdalen-17a.se:8443/%C3%A5?q=%C3%B6"),
        ("https://kontakt.example.se/", "https://kontakt.example.se"),
    ],
)
def test_an_address_stands_in_a_header_whatever_letters_it_was_written_with(written: str, read: str) -> None:
    assert formats.url(written) == read


@pytest.mark.parametrize("written", ["https://a.se/\r\nSet-Cookie: x", "https://a b.se", "https://a.se/\tb", "https://:80/"])
def test_an_address_holds_no_blank_and_no_control_character(written: str) -> None:
    with pytest.raises(Invalid):
        formats.url(written)
