"""What the verbs of the store ask of an engine; SQL that both engines understand is written once, in the verbs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Any, ...]
Statement: TypeAlias = tuple[str, tuple[Value, ...]]
"""SQL with ``$1``, ``$2`` … and what stands for them."""


class ConstraintError(StoreError):
    """A statement broke a rule of the schema; its whole transaction was rolled back."""


class Database(ABC):
    """An open database.

    Attributes:
        shared: Whether other processes may write to it at the same time.
        now: SQL for the database's own clock, in Unix seconds with their fractions.
        numbering: SQL that has new rows of a ``{table}`` numbered after those that came with their ids; empty where
            they are anyway.
        titles: SQL behind ``reviews`` that has titles, years and what is on the shelf read without the texts.
    """

    shared: ClassVar[bool]
    now: ClassVar[str]
    numbering: ClassVar[str] = ""
    titles: ClassVar[str] = ""

    @abstractmethod
    async def fetch(self, sql: str, *values: Value) -> list[Row]:
        """Run one query and return all of its rows.

        Raises:
            StoreError: The database did not answer.
        """

    @abstractmethod
    async def transaction(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run statements in one durable transaction and return the rows of each.

        When this returns, the transaction is committed and on disk. What it does must be the same done twice: where
        the connection breaks while it commits, it may be.

        Raises:
            ConstraintError: A statement broke a rule of the schema.
            StoreError: The transaction could not be committed.
        """

    @staticmethod
    @abstractmethod
    def given(parameter: str, columns: Mapping[str, type[int | str]]) -> str:
        """SQL for a table of rows that a parameter holds, as a JSON array of arrays."""

    def listening(self, channel: str, told: Callable[[str | None], None]) -> AbstractAsyncContextManager[None]:  # noqa: ARG002 - where nobody else writes, nobody tells
        """Pass on each notice of a channel within the context; None where notices may have been missed."""
        return nullcontext()

    @abstractmethod
    async def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert many rows in one durable transaction.

        Raises:
            ConstraintError: One of them broke a rule of the schema, or was there already.
            StoreError: The transaction could not be committed.
        """

    async def expect_much(self) -> None:  # noqa: B027 - most engines need not be told
        """Make ready for millions of rows, and for nobody who waits for an answer."""

    async def rest(self) -> None:  # noqa: B027 - most engines need no rest
        """Use an idle moment."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what is under way and let the database go."""
