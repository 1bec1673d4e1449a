"""vCard 4.0 (RFC 6350) of what the public may see. No REV: when a record last changed is nobody's business."""

from msgspec import UNSET

from presence.domain.views import PublicContact

_TELEPHONE = {"telephone": "work,voice", "mobile": "work,cell", "fax": "work,fax", "text-telephone": "work,textphone"}


def vcard(contact: PublicContact, organisation: str) -> bytes:
    """Folded at 75 octets, CRLF line ends, UTF-8."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:{_text(contact.id)}", f"FN:{_text(contact.name)}"]
    if contact.posts:
        path = contact.posts[0].unit.path if contact.posts[0].unit is not UNSET else ()
        lines.append("ORG:" + ";".join(_text(part) for part in (organisation, *path)))
    lines += [f"TITLE:{_text(post.title)}" for post in contact.posts if post.title]
    for channel in contact.channels:
        if channel.kind in _TELEPHONE:
            lines.append(f'TEL;VALUE=uri;TYPE="{_TELEPHONE[channel.kind]}":tel:{channel.value}')
        elif channel.kind == "e-mail":
            lines.append(f"EMAIL;TYPE=work:{_text(channel.value)}")
        elif channel.value.startswith(("https://", "http://")):
            lines.append(f"URL:{channel.value}")
    for address, kind in ((contact.office_address, "work"), (contact.postal_address, "postal")):
        if address is not UNSET:
            label = address.replace('"', "'").replace("\n", "\\n")
            lines.append(f'ADR;TYPE=work;LABEL="{label}":;;;;;;' if kind == "work" else f'ADR;LABEL="{label}":;;;;;;')
    lines.append("END:VCARD")
    return b"".join(_folded(line) for line in lines)


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> bytes:
    """Never within a character."""
    parts: list[bytes] = []
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > (75 if not parts else 74):
            parts.append(part)
            part = b""
        part += octets
    parts.append(part)
    return b"\r\n ".join(parts) + b"\r\n"
