"""`presence calendar`: what calendars say about when somebody can be reached, and nothing of why."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from presence.commands import terminal
from presence.commands.failing import UNREADABLE, Failed
from presence.commands.options import JSON, Instant, Zone


@click.command()
@click.argument("files", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--from", "begin", type=Instant(), help="ISO 8601; today by default.")
@click.option("--to", "end", type=Instant(), help="ISO 8601; seven days after --from by default.")
@click.option("--zone", type=Zone(), default="Europe/Stockholm", show_default=True, help="The owner's, for floating times.")
@click.option("--owner", multiple=True, metavar="MAIL", help="The owner's addresses, to find the owner's own answers.")
@click.option("--batch", "many", is_flag=True, help="A JSON object a line in, an answer a line out.")
@JSON
def calendar(
    files: tuple[str, ...],
    begin: datetime | None,
    end: datetime | None,
    zone: ZoneInfo,
    owner: tuple[str, ...],
    many: bool,
    as_json: bool,
) -> None:
    """When the owner of FILES is busy, perhaps busy or unavailable. All files are of one person; "-" is standard input."""
    if many:
        _batch()
    elif not files:
        raise click.UsageError("name a calendar file, or use --batch")
    else:
        _one(files, *_window(begin, end, zone), zone, owner, as_json)


def _batch() -> None:
    """Exit 1 where a line got no answer but an error."""
    import msgspec

    from connectors.calendars import batch

    form = msgspec.defstruct("Answer", [("error", str, "")])
    failed = False
    for answer in batch(sys.stdin):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
        failed |= bool(msgspec.json.decode(answer, type=form).error)  # type: ignore[attr-defined]
    sys.exit(1 if failed else 0)


def _window(begin: datetime | None, end: datetime | None, zone: ZoneInfo) -> tuple[int, int]:
    begin = begin or datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = begin if begin.tzinfo else begin.replace(tzinfo=zone)
    start = int(begin.timestamp())
    if end is None:
        return start, start + 7 * 86400
    stop = int((end if end.tzinfo else end.replace(tzinfo=zone)).timestamp())
    if stop <= start:
        raise click.UsageError("--to should be after --from")
    return start, stop


def _one(files: tuple[str, ...], start: int, end: int, zone: ZoneInfo, owner: tuple[str, ...], as_json: bool) -> None:
    """Exit 1 where something was skipped, 3 where a file cannot be read as a whole."""
    from connectors.calendars import Refused, read
    from connectors.calendars.batch import shown

    texts = [_text(file) for file in files]
    try:
        reading = read(texts, start, end, zone, owner=owner)
    except Refused as error:
        raise Failed("refused", _blamed(error, files, texts, lambda text: read([text], start, end, zone)), UNREADABLE) from None
    if as_json:
        terminal.give(shown(reading))
    else:
        kinds = ("busy", "tentative", "unavailable", "doubtful")
        rows = sorted((start, end, kind) for kind in kinds for start, end in getattr(reading, kind))
        terminal.table(("from", "to", "status"), [(_local(start, zone), _local(end, zone), kind) for start, end, kind in rows])
        for item in reading.skipped:
            click.echo(f"skipped: line {item.line}, {item.reason.value} ({item.uid})", err=True)
    sys.exit(1 if reading.skipped else 0)


def _text(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        raise Failed(code, f"{_named(file)} cannot be read: {error.strerror}", UNREADABLE) from None


def _blamed(error: ValueError, files: tuple[str, ...], texts: list[bytes], read: Callable[[bytes], object]) -> str:
    """What is wrong, and with which file: the first that is refused by itself as well, if any."""
    for file, text in zip(files, texts, strict=True):
        try:
            read(text)
        except type(error) as own:
            return f"{_named(file)}: {own}"
    return str(error)


def _named(file: str) -> str:
    return "standard input" if file == "-" else file


def _local(instant: int, zone: ZoneInfo) -> str:
    try:
        return f"{datetime.fromtimestamp(instant, zone):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return str(datetime.max.replace(tzinfo=UTC).date() if instant > 0 else datetime.min.replace(tzinfo=UTC).date())
