"""One truth: at one tick every surface says the same of a thousand contacts, in every process."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from presence.installation import Installation
from presence.stores.sqlite import SqliteStore
from tests.proofs.municipality import FULL, Card, Step, municipality, public
from tests.web.service import Clock, Service, ask
from tests.web.town import at

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(600)]

NOW = at("2026-11-25 10:17")  # a Wednesday with everything going on
ROOT = Path(__file__).parents[2]


class Stage(NamedTuple):
    """Two processes over one file. The first followed the store from the beginning; the other read it at once."""

    one: Service
    other: Service
    contacts: list[str]

    async def answers(self) -> dict[str, Any]:
        """What a look-up says of each."""
        return {contact: (await self.one.get(f"/v1/contacts/{contact}")).json() for contact in self.contacts}


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("municipality")
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(municipality(folder, NOW, durable=True))
        installation = Installation(folder / "presence.toml")
        installation.clock = clock = Clock(one.clock.t)
        path = Path(installation.config.store.path)
        other = Service(installation, SqliteStore(path, clock=clock.now, poll=0.01), clock)
        await other.live.start()
        stack.push_async_callback(other.close)
        yield Stage(one, other, public(one))


async def test_there_is_something_to_agree_on(stage: Stage) -> None:
    """A thousand contacts in every state."""
    found = Counter(answer["availability"]["status"] for answer in (await stage.answers()).values())
    assert sum(found.values()) == 1_000
    assert set(found) == {"available", "busy", "away", "closed", "unknown"}
    assert sum("until" in answer["availability"] for answer in (await stage.answers()).values()) > 100


@pytest.mark.parametrize("more", ["", "?lang=en&topic=bygglov", *(["?lang=en", "?topic=sophamtning"] if FULL else [])])
async def test_two_processes_send_the_same_bytes_and_headers(stage: Stage, more: str) -> None:
    for contact in stage.contacts:
        target = f"/v1/contacts/{contact}{more}"
        assert await stage.one.get(target) == await stage.other.get(target)


@pytest.mark.parametrize("more", ["", "?lang=en&topic=bygglov"])
async def test_the_framework_sends_what_the_shell_sends(stage: Stage, more: str) -> None:
    """Its own route, without the shell in front: the same headers, in another order."""
    for contact in stage.contacts:
        shell = await stage.one.get(f"/v1/contacts/{contact}{more}")
        own = await ask(stage.one.litestar, "GET", f"/v1/contacts/{contact}{more}")
        assert (own.status, own.body) == (shell.status, shell.body)
        assert sorted(own.headers) == sorted(shell.headers)


async def test_several_at_once_are_the_same_as_each(stage: Stage) -> None:
    single = await stage.answers()
    for start in range(0, len(stage.contacts), 20):
        asked = stage.contacts[start : start + 20]
        found = (await stage.one.get(f"/v1/contacts?ids={','.join(asked)}")).json()["contacts"]
        assert found == [single[contact] for contact in asked]


@pytest.mark.parametrize("form", ["/contacts/{}", "/embed/{}", "/v1/contacts/{}.html"])
async def test_page_embed_and_fragment_say_what_the_look_up_says(stage: Stage, form: str) -> None:
    """A sample in the ordinary run. A page leaves the contact's own step out while it is closed."""
    single = await stage.answers()
    for contact in stage.contacts[:: 1 if FULL else 10]:
        answer = single[contact]
        shown = await stage.one.get(form.format(contact))
        card = Card(shown.body)
        referral = answer.get("referral", {"text": "", "steps": []})
        assert (card.status, card.text) == (answer["availability"]["status"], answer["availability"]["text"])
        assert card.said.get("redirect", "") == referral["text"]
        if form == "/contacts/{}":
            assert [step[:3] for step in card.steps] == list(_steps(referral["steps"], contact))
        other = await stage.other.get(form.format(contact))
        assert shown == other


def _steps(steps: list[Any], own: str) -> list[tuple[str, str, bool]]:
    named = [Step(s["name"], s["text"], s["open"], 0) for s in steps if s["open"] or s["id"] != own]
    return [step[:3] for step in named]


def who(stage: Stage, asked: list[str], *more: str) -> list[Any]:
    """The command line, as a process of its own over the same file."""
    moment = datetime.fromtimestamp(stage.one.clock.t, UTC).isoformat()
    settings = str(stage.one.installation.path)
    command = [sys.executable, "-m", "presence", "who", "-", "--as", "public", "--at", moment, "--config", settings, *more]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    given = "\n".join(asked)
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_the_command_line_says_what_the_look_up_says(stage: Stage) -> None:
    assert who(stage, stage.contacts) == list((await stage.answers()).values())


async def test_the_command_line_says_the_same_in_another_language_about_a_topic(stage: Stage) -> None:
    asked = stage.contacts[:100]
    answers = [(await stage.one.get(f"/v1/contacts/{contact}?lang=en&topic=bygglov")).json() for contact in asked]
    assert who(stage, asked, "--lang", "en", "--topic", "bygglov") == answers


async def test_the_command_line_knows_of_nobody_whom_the_public_may_not_know_of(stage: Stage) -> None:
    hidden = sorted(set(stage.one.board.public.states) - set(public(stage.one, 10_000)))
    assert hidden
    assert [answer.get("error") for answer in who(stage, [*hidden, "a" * 16])] == ["unknown"] * (len(hidden) + 1)
