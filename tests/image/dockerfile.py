"""A Dockerfile as a list of stages. What is not understood is refused, so that the check cannot pass over a step."""

import json
import re
import shlex
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["shell", "exec"]


@dataclass(frozen=True)
class Step:
    """One instruction, continued lines joined."""

    line: int
    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.rest)

    @property
    def command(self) -> list[str]:
        """What RUN, CMD and HEALTHCHECK CMD execute: the words of the exec form, or a shell with the shell form."""
        text = self.rest
        if self.name == "HEALTHCHECK":
            text = re.sub(r"^(--\S+\s+)*CMD\s+", "", text)
        if text.startswith("["):
            words = json.loads(text)
            return [str(word) for word in words]
        return ["/bin/sh", "-c", text]


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    name: str = ""
    steps: list[Step] = field(default_factory=list)


KNOWN = {"RUN", "COPY", "ENV", "WORKDIR", "USER", "CMD", "HEALTHCHECK", "VOLUME", "EXPOSE", "LABEL", "STOPSIGNAL"}


def read(text: str) -> list[Stage]:
    """Raises ValueError on an instruction that the check does not know how to carry out."""
    stages: list[Stage] = []
    for step in _steps(text):
        if step.name == "FROM":
            words = step.words
            stages.append(Stage(words[0], words[2] if len(words) == 3 and words[1].upper() == "AS" else ""))
        elif step.name not in KNOWN or not stages:
            raise ValueError(f"line {step.line}: cannot carry out {step.name}")
        else:
            stages[-1].steps.append(step)
    return stages


def _steps(text: str) -> list[Step]:
    steps, parts, begun = [], list[str](), 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not (line.strip() or parts):
            continue
        begun = begun if parts else number
        parts.append(line.strip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            name, _, rest = " ".join(parts).partition(" ")
            steps.append(Step(begun, name.upper(), rest.strip()))
            parts = []
    return steps
