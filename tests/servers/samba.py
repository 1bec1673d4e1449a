"""A real Active Directory: Samba as a domain controller, with its LDAP service only, in a network namespace of its own.

It listens on 389 and 636 and knows no other ports; sockets in the file system lead out of the namespace.
"""

import os
import shlex
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.servers import free_port, launch, need, run, stop, unproven
from tests.servers.certificates import Certificate, certificate

REALM, DOMAIN = "KOMMUN.EXAMPLE", "KOMMUN"
SUFFIX = "DC=kommun,DC=example"
READER, PASSWORD = f"administrator@{REALM.lower()}", "Canary-Passw0rd!"

_CONFIGURATION = """\
[global]
netbios name = DC1
realm = {realm}
workgroup = {domain}
server role = active directory domain controller
server services = ldap
interfaces = lo
bind interfaces only = Yes
private dir = {tree}/private
state directory = {tree}/state
cache directory = {tree}/cache
lock directory = {tree}
pid directory = {tree}
ncalrpc dir = {tree}/ncalrpc
binddns dir = {tree}/bind-dns
log file = {tree}/log
tls enabled = yes
tls keyfile = {tls.key}
tls certfile = {tls.certificate}
tls cafile = {tls.authority}
"""


class Samba(NamedTuple):
    """A running domain controller; `url` is LDAPS."""

    url: str
    tls: Certificate
    password_file: str


@contextmanager
def samba(folder: Path, ldif: str) -> Iterator[Samba]:
    """Provision a domain, add the entries of `ldif`, and start it."""
    server, tool, adder, unshare = need("samba"), need("samba-tool"), need("ldbadd"), need("unshare")
    if os.geteuid() != 0:
        unproven("a network namespace needs root")
    folder.mkdir(parents=True, exist_ok=True)
    tree, tls, port = folder / "d", certificate(folder / "tls"), free_port()
    tls.key.chmod(0o600)
    run(tool, "domain", "provision", f"--targetdir={tree}", f"--realm={REALM}", f"--domain={DOMAIN}", "--server-role=dc",
        f"--adminpass={PASSWORD}", "--dns-backend=NONE", "--host-name=dc1", "--host-ip=127.0.0.1",
        "--option=interfaces=lo", "--option=bind interfaces only=yes")  # fmt: skip
    for name in ("cache", "ncalrpc"):
        (tree / name).mkdir(exist_ok=True)
    (folder / "smb.conf").write_text(_CONFIGURATION.format(realm=REALM, domain=DOMAIN, tree=tree, tls=tls))
    (folder / "users.ldif").write_text(ldif)
    run(adder, "-H", str(tree / "private" / "sam.ldb"), str(folder / "users.ldif"))
    (folder / "password").write_text(PASSWORD)
    way = folder / "636.sock"
    script = Path(__file__).parent / "bridge.py"
    inside = shlex.join([sys.executable, str(script), f"unix:{way}=tcp:636"])
    served = shlex.join([server, "-s", str(folder / "smb.conf"), "-i", "-M", "single", "--debug-stdout"])
    command = (
        f"ip link set lo up; {inside} & bridge=$!; {served} & server=$!; trap 'kill $bridge $server' TERM; wait $server; wait"
    )
    outside = launch([sys.executable, str(script), f"tcp:{port}=unix:{way}"], folder / "bridge.log", lambda: True)
    process: subprocess.Popen[bytes] | None = None
    try:
        process = launch([unshare, "-n", "bash", "-c", command], folder / "log", lambda: _answers(port))
        yield Samba(f"ldaps://localhost:{port}", tls, str(folder / "password"))
    finally:
        stop(outside)
        if process is not None:
            stop(process)


def _answers(port: int) -> bool:
    """The first bytes of a TLS handshake are answered by such."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as plain, context.wrap_socket(plain) as secured:
            secured.sendall(bytes.fromhex("300c020101600702010304008000"))
            return secured.recv(64)[:1] == b"\x30"
    except OSError:
        return False
