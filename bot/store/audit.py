"""The audit log: who did what to whom in a server, and when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.database import Statement


def entry(
    guild_id: int,
    actor_id: int | None,
    act: str,
    *,
    member_id: int | None = None,
    review_id: int | None = None,
    detail: str = "",
) -> Statement:
    """The statement that records an act, to stand in the transaction that does it.

    Args:
        actor_id: Who did it, or None where the bot did by itself.
        act: What was done, in a word or two, such as ``block``.
        member_id: To whom it was done.
        review_id: On which film it was done.
        detail: What else there is to say; never a member's words or name.
    """
    return _ADD, (guild_id, int(time.time()), actor_id, act, member_id, review_id, detail)


_ADD = """
INSERT INTO audit_log (guild_id, at, actor_id, act, member_id, review_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
