"""Builds the image of the Dockerfile without Docker, in empty Debian systems, and runs it as it would be run.

    python3 tests/image/check.py [--keep]

Needs root, debootstrap and a network. The steps are read from the Dockerfile itself, so that the two cannot drift apart. Then
the service is started as the image's user, in namespaces of its own, on a read-only root with only its volumes writable; the
image's own HEALTHCHECK has to succeed, and a SIGTERM has to end it within ten seconds.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.image.dockerfile import Stage, Step, read

TREE = Path(__file__).resolve().parents[2]
HOST_ENVIRONMENT = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_CERT")
CHROOT = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "chroot"
SETTINGS = """
[organisation]
name = "Björkdalens kommun"
hours = "Mo-Fr 08:00-17:00; PH off"
[centre]
name = "Servicecenter"
channels = [{ kind = "telephone", value = "019-21 10 00" }]
[publication]
protected = "none"
[store]
path = "/var/lib/presence/presence.sqlite"
"""


class Image:
    """A root file system, and how a process in it is started."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        self.folder = "/"
        self.user = "0:0"
        self.volumes: list[str] = []
        self.command: list[str] = []
        self.health: list[str] = []

    def run(self, command: list[str]) -> None:
        host = {name: os.environ[name] for name in HOST_ENVIRONMENT if name in os.environ}
        subprocess.run(self.entry(command), env=self.environment | host, check=True)

    def entry(self, command: list[str]) -> list[str]:
        inside = f"cd {shlex.quote(self.folder)} && exec {shlex.join(command)}"
        return [CHROOT, f"--userspec={self.user}", "--groups=", str(self.root), "/bin/sh", "-c", inside]

    def apply(self, step: Step, built: dict[str, "Image"]) -> None:
        match step.name:
            case "RUN":
                self.run(step.command)
            case "COPY":
                self.copy(step.words, built)
            case "ENV":
                self.environment |= dict(word.split("=", 1) for word in step.words)
            case "WORKDIR":
                self.folder = step.rest
                self.at(self.folder).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = step.rest
            case "VOLUME":
                self.volumes += step.words
            case "CMD":
                self.command = step.command
            case "HEALTHCHECK":
                self.health = step.command

    def copy(self, words: list[str], built: dict[str, "Image"]) -> None:
        options = [word for word in words if word.startswith("--")]
        *sources, target = (word for word in words if not word.startswith("--"))
        origin = TREE
        for option in options:
            if not option.startswith("--from="):
                raise ValueError(f"cannot carry out COPY {option}")
            origin = built[option.removeprefix("--from=")].root
        for source in sources:
            found, into = origin / source.lstrip("/"), self.at(target)
            if found.is_dir():
                shutil.copytree(found, into, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                into = into / found.name if target.endswith("/") else into
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, into)

    def at(self, path: str) -> Path:
        return self.root / os.path.normpath(Path(self.folder) / path).lstrip("/")


def base(root: Path) -> None:
    """What `python:3.11-slim` gives: Debian, and python on the path."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    mirror, suite = next(line.split() for line in found.stdout.splitlines() if "-" not in line.split()[1])
    wanted = "--include=python3,python3-venv,ca-certificates"
    subprocess.run(["debootstrap", "--variant=minbase", wanted, suite, str(root), mirror], check=True, stdout=subprocess.DEVNULL)
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):
        shutil.copyfile(Path("/") / name, root / name)


def build(stages: list[Stage], scratch: Path) -> Image:
    """All stages in order; the last is the image."""
    empty = scratch / "base"
    said("empty system")
    base(empty)
    built: dict[str, Image] = {}
    for number, stage in enumerate(stages):
        if stage.base != "python:3.11-slim":
            raise ValueError(f"cannot begin from {stage.base}")
        root = scratch / f"stage{number}"
        subprocess.run(["cp", "-a", "--reflink=auto", str(empty), str(root)], check=True)
        image = built[stage.name or str(number)] = Image(root)
        for step in stage.steps:
            said(f"{step.line:3} {step.name} {step.rest[:90]}")
            image.apply(step, built)
    return image


def start(image: Image) -> None:
    """In namespaces of its own: no network but loopback, nothing writable but the volumes."""
    root = image.root
    (root / "etc/presence/presence.toml").write_text(SETTINGS, "utf-8")
    (root / "etc/presence/installation.key").write_bytes(os.urandom(32))
    (root / "etc/presence/installation.key").chmod(0o600)
    owner = image.user.replace(":", " ").split()
    for path in ("etc/presence/presence.toml", "etc/presence/installation.key"):
        os.chown(root / path, int(owner[0]), int(owner[-1]))
    here = [sys.executable, str(Path(__file__).resolve()), "--inside", str(root)]
    subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", *here], check=True)


def inside(image: Image) -> None:
    """Runs as the first process of the namespaces that `start` made."""
    root, (user, group) = str(image.root), image.user.split(":")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    mounts = [["--bind", root, root], ["-o", "remount,ro,bind", root], ["-t", "proc", "proc", f"{root}/proc"]]
    mounts += [["-t", "tmpfs", "-o", f"uid={user},gid={group},mode=750", "tmpfs", root + volume] for volume in image.volumes]
    for arguments in mounts:
        subprocess.run(["mount", *arguments], check=True)
    service = subprocess.Popen(image.entry(image.command), env=image.environment)
    deadline = time.monotonic() + 60
    while subprocess.run(image.entry(image.health), env=image.environment, stderr=subprocess.DEVNULL, check=False).returncode:
        if service.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"the image's service does not become healthy: {service.poll()}")
        time.sleep(0.5)
    said("healthy, as a plain user on a read-only root")
    assert writable(image) == image.volumes, writable(image)
    service.terminate()
    if service.wait(10) != 0:
        sys.exit(f"the service ended with {service.returncode}")
    said("stopped cleanly")


def writable(image: Image) -> list[str]:
    """The folders in which the image's user can make a file, as the kernel sees it."""
    script = "import json, os; print(json.dumps([path for path, _, _ in os.walk('/') if os.access(path, os.W_OK)]))"
    found = subprocess.run(
        image.entry(["/usr/bin/python3", "-c", script]), env=image.environment, check=True, capture_output=True, text=True
    )
    below = ("/proc", *(f"{volume}/" for volume in image.volumes))
    return [path for path in json.loads(found.stdout) if not path.startswith(below)]


def described(root: Path) -> Image:
    """The finished image again, from the last stage's settings alone."""
    image = Image(root)
    for step in read((TREE / "Dockerfile").read_text("utf-8"))[-1].steps:
        if step.name not in ("RUN", "COPY"):
            image.apply(step, {})
    return image


def said(text: str) -> None:
    print(f"image: {text}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--keep", action="store_true", help="leave the built systems where they are, and say where")
    options.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside:
        inside(described(chosen.inside))
        return
    missing = [
        name
        for name in ("debootstrap", "chroot", "unshare", "ip")
        if not shutil.which(name, path=os.defpath + ":/usr/sbin:/sbin")
    ]
    if os.geteuid() != 0 or missing:
        sys.exit(f"this needs root and {', '.join(missing) or 'nothing else'}: apt-get install debootstrap iproute2")
    scratch = Path(tempfile.mkdtemp(prefix="presence-image-"))
    try:
        image = build(read((TREE / "Dockerfile").read_text("utf-8")), scratch)
        size = subprocess.run(["du", "-sm", str(image.root / "opt/presence")], check=True, capture_output=True, text=True)
        said(f"built; the service and its dependencies take {size.stdout.split()[0]} MB")
        start(image)
    finally:
        said(f"kept in {scratch}") if chosen.keep else shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
