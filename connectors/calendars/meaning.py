"""What each component, property and value means for "can this person be reached": the table, as data, and its reading.

docs/calendars.md shows the same table; a test holds the two together. The rows of one group are alternatives; groups stand
in order of precedence: the first that says NOTHING ends the matter, otherwise the last word is the strongest limit found.
"""

import msgspec

from connectors.calendars.lines import VALUE, params
from connectors.calendars.model import Policy, Says
from connectors.calendars.scan import Component


class Row(msgspec.Struct, frozen=True):
    """`says` of None: the value is known and changes nothing, the next row decides."""

    component: str
    property: str
    value: str
    says: Says | None
    note: str


_N, _T, _B, _U = Says.NOTHING, Says.TENTATIVE, Says.BUSY, Says.UNAVAILABLE

TABLE: tuple[Row, ...] = (
    Row("VEVENT", "METHOD", "CANCEL", _N, "a message that takes a meeting back, not contents of a calendar (RFC 5546)"),
    Row("VEVENT", "METHOD", "REPLY", _N, "a message with somebody's answer"),
    Row("VEVENT", "METHOD", "COUNTER", _N, "a proposal"),
    Row("VEVENT", "METHOD", "DECLINECOUNTER", _N, "the answer to a proposal"),
    Row("VEVENT", "METHOD", "REFRESH", _N, "a request for the latest version"),
    Row("VEVENT", "STATUS", "CANCELLED", _N, "does not take place"),
    Row("VEVENT", "PARTSTAT of the owner", "DECLINED", _N, "the owner does not take part"),
    Row("VEVENT", "PARTSTAT of the owner", "DELEGATED", _N, "somebody else goes"),
    Row("VEVENT", "PARTSTAT of the owner", "TENTATIVE", _T, "the owner may take part"),
    Row("VEVENT", "PARTSTAT of the owner", "NEEDS-ACTION", _T, "not answered yet; per source (Policy.needs_action)"),
    Row("VEVENT", "PARTSTAT of the owner", "ACCEPTED", None, "the other properties decide"),
    Row("VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS", "FREE", _N, "before TRANSP (MS-OXCICAL)"),
    Row("VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS", "WORKINGELSEWHERE", _N, "at work, only not in the office (MS-OXOCAL)"),
    Row("VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE", _T, ""),
    Row("VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS", "BUSY", _B, "before TRANSP"),
    Row("VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS", "OOF", _U, "out of office"),
    Row("VEVENT", "X-MICROSOFT-CDO-INTENDEDSTATUS", "any", None, "never read: an intention of the organiser"),
    Row("VEVENT", "TRANSP", "TRANSPARENT", _N, "only where no BUSYSTATUS is given"),
    Row("VEVENT", "TRANSP", "OPAQUE", None, "the default"),
    Row("VEVENT", "STATUS", "TENTATIVE", _T, "weakens busy, not unavailable"),
    Row("VEVENT", "STATUS", "CONFIRMED", None, "the default"),
    Row("VEVENT", "CLASS", "any", None, "never read: a private event counts as any other, and no event's text is read"),
    Row("VEVENT", "length", "zero", _N, "an occurrence, but never busy (RFC 4791, 7.10)"),
    Row("VEVENT", "otherwise", "", _B, ""),
    Row("VFREEBUSY", "FREEBUSY;FBTYPE", "FREE", _N, ""),
    Row("VFREEBUSY", "FREEBUSY;FBTYPE", "BUSY", _B, "the default, also for unknown types (RFC 5545, 3.2.9)"),
    Row("VFREEBUSY", "FREEBUSY;FBTYPE", "BUSY-TENTATIVE", _T, ""),
    Row("VFREEBUSY", "FREEBUSY;FBTYPE", "BUSY-UNAVAILABLE", _U, ""),
    Row("VAVAILABILITY", "BUSYTYPE", "BUSY", _B, "outside AVAILABLE; below every VEVENT that is busy or unavailable"),
    Row("VAVAILABILITY", "BUSYTYPE", "BUSY-TENTATIVE", _T, ""),
    Row("VAVAILABILITY", "BUSYTYPE", "BUSY-UNAVAILABLE", _U, "the default (RFC 7953)"),
    Row("AVAILABLE", "any", "any", _N, "free of the VAVAILABILITY around it and of those with a lower priority"),
    Row("VTODO", "any", "any", _N, "not read"),
    Row("VJOURNAL", "any", "any", _N, "not read"),
)

_OF = {(row.component, row.property, row.value): row.says for row in TABLE}
_BUSY_STATUS = "X-MICROSOFT-CDO-BUSYSTATUS"


def says(component: Component, method: str, owner: frozenset[bytes], policy: Policy) -> Says:
    """What a VEVENT says while it lasts, its length aside."""
    if component.name == "AVAILABLE":
        return Says.NOTHING
    text = component.text
    busy = text(_BUSY_STATUS) or text("X-MICROSOFT-MSNCALENDAR-BUSYSTATUS")
    part = answered(component.attendees, owner, policy) if component.attendees else None
    code = policy.codes.get(component.code) if component.code else None
    return decide(method, text("STATUS"), busy, text("TRANSP"), part, code)


def decide(method: str, status: str, busy: str, transp: str, part: Says | None, code: Says | None) -> Says:
    """The table's rows for VEVENT, in their order of precedence; values in capitals, "" for a property that is absent."""
    if _of("METHOD", method) is Says.NOTHING or _of("STATUS", status) is Says.NOTHING or part is Says.NOTHING:
        return Says.NOTHING
    found = code or _of(_BUSY_STATUS, busy) or _of("TRANSP", transp) or Says.BUSY
    weaker = part is Says.TENTATIVE or _of("STATUS", status) is Says.TENTATIVE
    return Says.TENTATIVE if weaker and found is Says.BUSY else found


def free_busy(kind: str) -> Says:
    """What a FREEBUSY period of type FBTYPE `kind` says (RFC 5545, 3.2.9)."""
    return _OF.get(("VFREEBUSY", "FREEBUSY;FBTYPE", kind)) or Says.BUSY


def busy_type(kind: str) -> Says:
    """What a VAVAILABILITY of BUSYTYPE `kind` says outside its AVAILABLE parts (RFC 7953, 3.2)."""
    return _OF.get(("VAVAILABILITY", "BUSYTYPE", kind)) or Says.UNAVAILABLE


def _of(name: str, value: str) -> Says | None:
    return _OF.get(("VEVENT", name, value))


_WEIGHT = {"DECLINED": 1, "DELEGATED": 1, "NEEDS-ACTION": 2, "TENTATIVE": 3}
"""Of several lines of one owner the weightiest counts: any other answer, and none, weigh more than these."""


def answered(attendees: list[bytes], owner: frozenset[bytes], policy: Policy) -> Says | None:
    """The owner's answer: of all attendees only the lines whose address is the owner's are looked at.

    A product that writes no PARTSTAT tells nothing, and a wrong busy is the lesser harm.
    """
    found: list[str] = []
    for raw in attendees:
        lowered = raw.lower()
        if not any(address in lowered for address in owner):
            continue
        line = VALUE.match(raw)
        if line is None:
            continue
        said = params(line.group(1))
        addresses = (line.group(2).strip().lower(), said.get("EMAIL", "").strip().lower().encode("utf-8", "replace"))
        if any(address.removeprefix(b"mailto:") in owner for address in addresses):
            found.append(said.get("PARTSTAT", "").strip().upper())
    if not found:
        return None
    value = max(found, key=lambda value: _WEIGHT.get(value, 4))
    return policy.needs_action if value == "NEEDS-ACTION" else _of("PARTSTAT of the owner", value)
