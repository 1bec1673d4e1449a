"""A certificate authority and server certificates of its own for a test."""

from pathlib import Path
from typing import NamedTuple

from tests.servers import need, run

_AUTHORITY = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")


class Certificate(NamedTuple):
    authority: Path
    certificate: Path
    key: Path


def certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1", days: int = 2) -> Certificate:
    """A certificate for the alternative names, signed by an authority made for it. Negative days: one that has expired."""
    openssl = need("openssl")
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run(openssl, "req", "-x509", *curve, "-days", "2", "-subj", "/CN=test authority", *_AUTHORITY,
        "-keyout", str(folder / "ca.key"), "-out", str(made.authority))  # fmt: skip
    run(openssl, "req", *curve, "-subj", "/CN=test server", "-keyout", str(made.key), "-out", str(folder / "server.csr"))
    extensions = folder / "extensions.cnf"
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    run(openssl, "x509", "-req", "-in", str(folder / "server.csr"), "-CA", str(made.authority), "-CAkey", str(folder / "ca.key"),
        "-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(made.certificate))  # fmt: skip
    return made
