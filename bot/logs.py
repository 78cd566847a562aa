"""The log: lines for a terminal or for machines, each with the interaction that it is about, and never a token."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from bot.metrics import at_hand

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(interaction)s%(message)s"
HIDDEN = "<token>"
_TOKENS = re.compile(
    r"(?P<before>/interactions/\d+/|/webhooks/\d+/|\btoken(?:\\*[\"'])?\s*[:=]\s*\\*[\"'])[^\s\"'\\/?]+"
    r"|aW50ZXJhY3Rpb246[\w+/=-]*",  # with this, "interaction:" in base64, every token of an interaction begins
)


def begin(level: str, form: str, token: str) -> None:
    """Write the log to stderr from here on; a second call changes nothing.

    Args:
        level: The least level that is written.
        form: ``text`` or ``json``.
        token: The bot's token, or nothing.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(token) if form == "json" else TextFormatter(token))
    logging.basicConfig(level=level, handlers=[handler])
    logging.raiseExceptions = False  # a line that cannot be formatted would be printed raw, tokens and all
    # At DEBUG, discord.py logs whole payloads, and with them members' words.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))


class TextFormatter(logging.Formatter):
    """Lines to be read by people."""

    def __init__(self, token: str) -> None:
        super().__init__(TEXT)
        self._token = token.strip()

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the traceback where there is one."""
        handling = at_hand.get()
        record.interaction = f"({handling.interaction_id}) " if handling else ""
        return without_tokens(super().format(record), self._token)


class JsonFormatter(logging.Formatter):
    """A JSON object a line: time (UTC), level, logger, message; interaction and exc where there is one."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token.strip()

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_tokens(record.getMessage(), self._token),
        }
        if handling := at_hand.get():
            line["interaction"] = str(handling.interaction_id)  # as text: who reads JSON may round so large a number
        if record.exc_info:
            line["exc"] = without_tokens(self.formatException(record.exc_info), self._token)
        return json.dumps(line, ensure_ascii=False)


def without_tokens(text: str, token: str) -> str:
    """A text without the bot's token, and without those that answer interactions in its name."""
    if token:
        text = text.replace(token, HIDDEN)
    return _TOKENS.sub(lambda found: (found["before"] or "") + HIDDEN, text)
