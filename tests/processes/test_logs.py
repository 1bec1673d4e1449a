"""Logs: one line each, whatever is in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from presence.processes import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], root.level = before, level


def test_off_a_terminal_a_line_is_json_with_what_was_given(stream: io.StringIO) -> None:
    logs.setup("web-1", stream)
    logging.getLogger("presence.test").warning("child ended", extra={"code": 7})
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("Z")
    assert line == {"level": "warning", "process": "web-1", "logger": "presence.test", "event": "child ended", "code": 7}


def test_a_line_break_in_a_value_does_not_begin_a_new_line(stream: io.StringIO) -> None:
    for as_json in (True, False):
        logs.setup("web-1", stream, as_json=as_json)
        logging.getLogger("presence.test").info("a\r\nb", extra={"value": "c\nd\x1b[2J"})
    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()


def test_an_exception_is_part_of_its_line(stream: io.StringIO) -> None:
    logs.setup("web-1", stream)
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("presence.test").exception("failed")
    [line] = stream.getvalue().splitlines()
    assert "ValueError: no" in json.loads(line)["trace"]
