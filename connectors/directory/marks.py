"""Who is protected, as a list file or the entries of a directory say it."""

import re
from collections.abc import Iterable
from pathlib import Path

from connectors import stamp
from connectors.directory import dn as names
from connectors.directory.entry import Entry, clean
from presence.domain.directory import Alias
from presence.ports import SourceInvalid

_LINE = re.compile(r"[^\s:]+(?::\S.*)?\Z")
_RANGE = re.compile(r"range=\d+-(\d+|\*)")
_UID_PART = re.compile(r"#'[01]*'B\Z")  # RFC 4517 3.3.21
_LARGEST = 4_000_000
_LIST = "the list of protected people"
_UNENDED = 3  # times as long as for other files


def listed(path: str) -> set[str]:
    """Identities and aliases of a list file, one a line.

    Raises `SourceInvalid` when it cannot be read, and `SourceUnavailable` while it is being written: whoever is not in it yet
    would be taken for unprotected.
    """
    try:
        lines = _whole(Path(path)).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SourceInvalid("marks", "the list of protected people cannot be read") from None
    found = {text for line in lines if (text := line.partition("#")[0].strip())}
    if any(not _LINE.match(text) for text in found):
        raise SourceInvalid("marks", "the list of protected people holds a line that is neither identity nor alias")
    return {_canonical(text) for text in found}


def _whole(file: Path) -> bytes:
    """What ends within a line, or holds nothing, may come from an editor or from a program at work: it is given longer."""
    body = stamp.settled(file, _LARGEST, _LIST)
    if not body.endswith(b"\n"):
        body = stamp.settled(file, _LARGEST, _LIST, quiet=stamp.QUIET * _UNENDED)
    return body


def members(group: Entry) -> tuple[list[str], list[str]]:
    """Names in the members of a group, and the attributes to ask for next where the server gives them in steps.

    The steps are those of [MS-ADTS] 3.1.1.3.1.3.3 (`member;range=0-1499`). Raises `SourceInvalid` for members that are no names:
    somebody would stay unprotected.
    """
    found: list[str] = []
    ahead: list[str] = []
    for description, values in group.attributes.items():
        kind, _, option = description.partition(";")
        if kind not in ("member", "uniquemember"):
            continue
        for value in values:
            text = clean(value)
            try:
                names.parse(text or "=")
            except ValueError:
                raise SourceInvalid("marks", "the group of protected people holds a member that is no name") from None
            found.append(_UID_PART.sub("", text or "") if kind == "uniquemember" else text or "")
        if (step := _RANGE.fullmatch(option)) and step[1] != "*":
            ahead.append(f"{kind};range={int(step[1]) + 1}-*")
    return found, ahead


def bears(entry: Entry, attribute: str, values: Iterable[str]) -> bool:
    """Whether an entry bears one of the values that protect, in any language or case. What cannot be read protects."""
    wanted = {value.casefold().strip() for value in values}
    name = attribute.lower()
    for description, found in entry.attributes.items():
        if description == name or description.startswith(name + ";"):
            for value in found:
                text = clean(value)
                if text is None or text.casefold() in wanted:
                    return True
    return False


def _canonical(text: str) -> str:
    return str(Alias.parse(text)) if ":" in text else text.lower()
