"""A parent to be killed: `python -m tests.processes.parents NOTE TOY…` supervises toys until it ends."""

import asyncio
import sys

from presence.processes.child import Program
from presence.processes.supervisor import Supervisor


async def main(note: str, toys: list[str]) -> None:
    programs = [Program(toy, (sys.executable, "-m", "tests.processes.toys", toy, note)) for toy in toys]
    await Supervisor(programs).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
