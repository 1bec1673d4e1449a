"""Logs of one line each: JSON where a program reads them, short text on a terminal."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}
_COLOURS = {"WARNING": "33", "ERROR": "31", "CRITICAL": "31"}


def setup(process: str, stream: TextIO | None = None, as_json: bool | None = None, level: int = logging.INFO) -> None:
    """Log everything of this process to the stream (default: stderr). JSON unless the stream is a terminal."""
    to = stream or sys.stderr
    handler = logging.StreamHandler(to)
    handler.setFormatter(JsonLines(process) if (not to.isatty() if as_json is None else as_json) else ShortLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access"):  # they name addresses, and so persons
        logging.getLogger(noisy).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, process, logger, event, and whatever was given as `extra`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _instant(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "event": record.getMessage(),
            **_extra(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class ShortLines(logging.Formatter):
    """`12:00:01 web-1 child ended code=1`, for people. Control characters are escaped."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        text = _printable(f"{_instant(record).astimezone():%H:%M:%S} {self.process} {record.getMessage()} {extra}".rstrip())
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        colour = _COLOURS.get(record.levelname)
        return f"\033[{colour}m{text}\033[0m" if colour else text


def _instant(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
