"""XML as WebDAV answers with it, and no more: no document type, hence no entity; bounded in depth and count."""

from collections.abc import Iterator
from xml.parsers import expat  # a document type is refused before anything in it is read

import msgspec

from presence.ports import SourceInvalid

DAV, CALDAV, CALENDARSERVER = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
_DEEP, _MANY = 32, 200_000


class Element(msgspec.Struct):
    """`name` is "{namespace}local"; `text` is what stands directly in it."""

    name: str
    text: str = ""
    children: list["Element"] = []

    def all(self, *path: str) -> Iterator["Element"]:
        """Every element below along a path of names."""
        for child in self.children:
            if child.name == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.all(*path[1:])

    def first(self, *path: str) -> str:
        """The text of the first element along the path, without space around it; "" where there is none."""
        return next((found.text.strip() for found in self.all(*path)), "")


def parse(body: bytes, root: str) -> Element:
    """A document whose outermost element is `root`. Raises `SourceInvalid`."""
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, _Refused, LookupError, ValueError):
        raise SourceInvalid("not-dav", "the answer is not XML as WebDAV has it") from None
    if builder.top is None or builder.top.name != root:
        raise SourceInvalid("not-dav", "the answer is another document than was asked for")
    return builder.top


class _Refused(Exception):
    """The document holds what WebDAV never needs, or too much."""


def _refuse(*_: object) -> None:
    raise _Refused


class _Builder:
    def __init__(self) -> None:
        self.top: Element | None = None
        self._open: list[tuple[Element, list[str]]] = []
        self._count = 0

    def start(self, name: str, _: object) -> None:
        self._count += 1
        if len(self._open) >= _DEEP or self._count > _MANY:
            raise _Refused
        element = Element("{" + name if "}" in name else name)
        if self._open:
            self._open[-1][0].children.append(element)
        else:
            self.top = element
        self._open.append((element, []))

    def end(self, _: str) -> None:
        element, parts = self._open.pop()
        element.text = "".join(parts)

    def characters(self, text: str) -> None:
        self._open[-1][1].append(text)


class Response(msgspec.Struct, frozen=True):
    """One resource of a multistatus: its properties that were found (200), and the status of the whole where one is given."""

    href: str
    status: int
    found: Element
    missing: dict[str, int] = {}  # name of a property -> why it is not there


def multistatus(body: bytes) -> tuple[list[Response], Element]:
    """The answers of RFC 4918, 13, and the document. Raises `SourceInvalid`."""
    document = parse(body, f"{DAV}multistatus")
    return [_response(element) for element in document.all(f"{DAV}response")], document


def _response(element: Element) -> Response:
    found = Element("found")
    missing: dict[str, int] = {}
    for propstat in element.all(f"{DAV}propstat"):
        status = _status(propstat.first(f"{DAV}status"))
        for prop in propstat.all(f"{DAV}prop"):
            if status == 200:
                found.children += prop.children
            else:
                missing |= {child.name: status for child in prop.children}
    return Response(element.first(f"{DAV}href"), _status(element.first(f"{DAV}status")), found, missing)


def _status(line: str) -> int:
    """Of "HTTP/1.1 200 OK"; 0 where there is none."""
    parts = line.split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) == 3 else 0
