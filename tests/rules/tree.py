"""The files of this project, as the rules look at them."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("presence", "connectors")


@cache
def sources(*packages: str) -> tuple[Path, ...]:
    """The Python files of the packages that are shipped, or of those named."""
    return tuple(path for package in packages or PACKAGES for path in sorted((ROOT / package).rglob("*.py")))


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control; without it, every file that would be."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
        return tuple(path for path in paths if path.is_file())
    left_out = {".git", ".venv", "dist", "build", "__pycache__"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not left_out & set(path.parts))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
