"""A real slapd (OpenLDAP) on free ports, filled from LDIF."""

import base64
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.servers import free_port, launch, need, run, stop
from tests.servers.certificates import Certificate, certificate

SUFFIX = "dc=kommun,dc=example"
PEOPLE = f"ou=Anställda,{SUFFIX}"
READER, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reader-canary-7f3a"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "admin"
SIZELIMIT = 500
OFFICES = ("Bygglov", "Miljö", "Förskola", "Grundskola", "Hemtjänst", "Gata, park", "Kultur", "Ekonomi")
_NAMESPACE = uuid.UUID("7d1b6b7e-0000-4000-8000-000000000000")

_CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
TLSCACertificateFile {tls.authority}
TLSCertificateFile {tls.certificate}
TLSCertificateKeyFile {tls.key}
sizelimit {sizelimit}
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {admin_password}
directory {folder}/db
maxsize 1073741824
dbnosync
index objectClass,uid,mail,employeeNumber eq
index entryUUID eq
limits dn.exact="{reader}" {limits}
access to attrs=userPassword by anonymous auth by * none
access to attrs=employeeNumber by dn.exact="{reader}" read by * none
access to * by dn.exact="{reader}" read by anonymous read
"""
_PAGED = "size.soft=1000 size.hard=1000 size.prtotal=unlimited"


class Slapd(NamedTuple):
    """A running server. `reader` may page through everything; anybody else gets at most `sizelimit` entries."""

    folder: Path
    port: int
    secure_port: int
    tls: Certificate

    @property
    def url(self) -> str:
        return f"ldap://localhost:{self.port}"

    @property
    def secure_url(self) -> str:
        return f"ldaps://localhost:{self.secure_port}"

    @property
    def password_file(self) -> str:
        return str(self.folder / "reader.password")

    def modify(self, ldif: str) -> None:
        """Apply change records as the administrator."""
        admin = ("-x", "-H", self.url, "-D", ADMIN, "-w", ADMIN_PASSWORD)
        run(need("ldapmodify"), *admin, stdin=ldif.encode())

    def rename(self, entry: str, rdn: str, superior: str = "") -> None:
        """Give an entry another name, and another place."""
        admin = ("-x", "-r", "-H", self.url, "-D", ADMIN, "-w", ADMIN_PASSWORD)
        run(need("ldapmodrdn"), *admin, *(("-s", superior) if superior else ()), entry, rdn)


@contextmanager
def slapd(folder: Path, ldif: str, *, tls: Certificate | None = None, limits: str = _PAGED) -> Iterator[Slapd]:
    """Start a server with the entries below `SUFFIX` in `ldif`; the suffix and the reader's account are there already."""
    server, adder = need("slapd"), need("slapadd")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "db").mkdir()
    made = Slapd(folder, free_port(), free_port(), tls or certificate(folder / "tls"))
    Path(made.password_file).write_text(READER_PASSWORD + "\n")
    (folder / "slapd.conf").write_text(
        _CONFIGURATION.format(
            folder=folder, tls=made.tls, suffix=SUFFIX, admin=ADMIN, admin_password=ADMIN_PASSWORD, reader=READER,
            limits=limits, sizelimit=SIZELIMIT,
        )
    )  # fmt: skip
    (folder / "data.ldif").write_text(_ground() + ldif)
    run(adder, "-q", "-f", str(folder / "slapd.conf"), "-l", str(folder / "data.ldif"))
    listen = f"ldap://127.0.0.1:{made.port} ldaps://127.0.0.1:{made.secure_port}"
    command = [server, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", listen]
    process: subprocess.Popen[bytes] = launch(command, folder / "log", lambda: _answers(made.port))
    try:
        yield made
    finally:
        stop(process)


def people(count: int, start: int = 0) -> str:
    """LDIF of `count` invented people in eight offices of two departments, each with a stable entryUUID."""

    def unit(dn: str, name: str, **more: str) -> str:
        return entry(dn, objectClass="organizationalUnit", ou=name, **more)

    units = [unit(PEOPLE, "Anställda"), *(unit(f"ou={name},{PEOPLE}", name) for name in ("Samhälle", "Omsorg"))]
    units += [unit(office_dn(number), name, telephoneNumber=f"019-21 9{number} 00") for number, name in enumerate(OFFICES)]
    return "".join(units) + "".join(person(number) for number in range(start, start + count))


def office_dn(number: int) -> str:
    """Where the office stands that people with this number work in."""
    office = OFFICES[number % len(OFFICES)].replace(",", "\\,")
    return f"ou={office},ou={('Samhälle', 'Omsorg')[number % 2]},{PEOPLE}"


def person(number: int, **more: str) -> str:
    """LDIF of one invented person; `more` replaces or adds attributes."""
    family = ("Åström", "Öberg", "Lindgren", "Håkansson", "Ek")[number % 5]
    given = ("Anna", "Erik", "Åsa", "Nils", "Märta", "Göran", "Linnéa")[number % 7]
    said = {
        "objectClass": "inetOrgPerson",
        "entryUUID": identity(number),
        "uid": f"u{number:05}",
        "cn": f"{given} {family} {number}",
        "givenName": given,
        "sn": family,
        "title": "Handläggare",
        "mail": f"u{number:05}@kommun.example",
        "telephoneNumber": f"019-2{number:05}",
        "employeeNumber": f"{100000 + number}",
        "roomNumber": f"B{number % 400}",
        "street": "Stora torget 1",
        "postalAddress": "Björkdalens kommun$Box 1$701 00 Björkdal",
    }
    return entry(f"uid=u{number:05},{office_dn(number)}", **(said | more))


def identity(number: int) -> str:
    """The entryUUID of the person with this number."""
    return str(uuid.uuid5(_NAMESPACE, str(number)))


def _ground() -> str:
    root = entry(SUFFIX, objectClass="organization\ndcObject", dc="kommun", o="Björkdalens kommun")
    role = "organizationalRole\nsimpleSecurityObject"
    return root + entry(READER, objectClass=role, cn="reader", userPassword=READER_PASSWORD)


def entry(dn: str, **attributes: str) -> str:
    """One record; several values of an attribute are parted by line ends."""
    lines = [_line("dn", dn)]
    lines += [_line(name, value) for name, values in attributes.items() for value in values.split("\n") if value]
    return "\n".join(lines) + "\n\n"


def _line(name: str, value: str) -> str:
    if value.isascii():
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"


def _answers(port: int) -> bool:
    """An anonymous bind, byte for byte, answered by success."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(bytes.fromhex("300c020101600702010304008000"))
            return connection.recv(64)[5:6] == b"\x61"
    except OSError:
        return False
