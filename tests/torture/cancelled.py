"""Callers that are cancelled or run out of time at any moment, on the store itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.store.votes import Ballot
from tests.store.child import SERVERS
from tests.store.tools import opened, shelve
from tests.torture.ledger import Ledger

if TYPE_CHECKING:
    from bot.store import Store
    from tests.torture.ledger import Key
    from tests.torture.trial import Trial

CALLERS = 1000
COMING, STAYING = 0.05, 0.2
"""Seconds until the last of them has come, and that those who go away stay at the most."""


async def callers(trial: Trial) -> None:
    """Have a thousand callers vote, of whom half go away; the others must be answered, and rightly."""
    path = trial.folder / "x.db"
    ledger = Ledger()
    async with opened(path) as store:
        (film,) = await shelve(store, 1)
        for _ in range(trial.rounds):
            await asyncio.gather(*(_call(trial, store, ledger, film, member) for member in range(1, CALLERS + 1)))
            await _call(trial, store, ledger, film, 0)  # is answered after every group that one of them was in
            await ledger.audit(path, trial)
            trial.ends_round()


async def _call(trial: Trial, store: Store, ledger: Ledger, film: int, member: int) -> None:
    """One caller's vote; one in four is cancelled, and one in four gives up."""
    dice = trial.dice
    sheep, stay = dice.randint(1, 5), dice.uniform(0, STAYING)
    key: Key = ("vote", dice.choice(SERVERS), film, member)
    before = ledger.told(key)
    await asyncio.sleep(dice.uniform(0, COMING))
    ledger.send(key, sheep)
    vote = asyncio.ensure_future(store.votes.cast(*key[1:], sheep))
    calling = asyncio.ensure_future(asyncio.wait_for(vote, stay if member % 4 == 1 else None))
    if member % 4 == 3:
        asyncio.get_running_loop().call_later(stay, calling.cancel)
    (answer,) = await asyncio.gather(calling, return_exceptions=True)
    if isinstance(answer, Ballot):
        ledger.acknowledge(key)
        right = (answer.previous, answer.current) == (before, sheep) and answer.tally.counts[sheep - 1] > 0
        trial.expect(right, f"{sheep} sheep after {before} were answered with {answer}")
    else:
        went = member % 2 and isinstance(answer, (asyncio.CancelledError, TimeoutError))
        trial.expect(went, f"a caller who waited was answered with {answer!r}")
