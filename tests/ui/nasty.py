"""Text that a member or a critic could send to do harm, or without meaning any."""

# ruff: noqa: RUF001 - look-alikes of ASCII are what members and forgers type

from __future__ import annotations

from hypothesis import strategies as st

ZALGO = "e" + "\u0301\u0489" * 9
FAMILY = "👩\u200d👩\u200d👧\u200d👦"
PERSIAN = "می\u200cخواهم"

PIECES = (
    *("*", "**", "***", "_", "__", "~~", "|", "||", "`", "```", "\\", "(", ")", "[", "]", "<", ">", ":", "."),
    *("[here](https://example.com)", "https://example.com", "<https://example.com>", "discord.gg/sheep"),
    *("@everyone", "@here", "<@1>", "<@&1>", "<#1>", "<:wool:1>", "<a:wool:1>", ":wool:", "<t:1:R>", "</vote:1>"),
    *("\n", "\n\n", "\r\n", "\r", "\t", " ", "   ", "\u00a0", "\u3000", "\u2028", "\x0b", "\x85"),
    *("# ", "### ", "> ", ">>> ", "- ", "+ ", "* ", "-# ", "1. ", "12.", "1) ", "\n# ", "\n> ", "\n- ", "\n7. "),
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u2069", "\u061c"),
    *("\x00", "\x1b[31m", "\x7f", "\ud800", "\udfff", "\ue000", "\u2800", "\u3164", "\u034f", "\ufe0f", "\u0301"),
    *("a", "word ", "été", "e\u0301", "日本", "ไทย", "ཧཱུྃ", ZALGO, FAMILY, PERSIAN, "🐑", "1\ufe0f\u20e3"),
)

texts = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=24).map("".join)
blanks = st.text(st.sampled_from(" \n\t\u00a0\u200b\u200d\u202e\u2800\u3164\x00\ud800\ufe0f"), max_size=8)


def long_texts(length: int) -> st.SearchStrategy[str]:
    """One short text over and over, to exactly so many characters; nothing where it is empty."""
    return texts.map(lambda piece: (piece * length)[:length])
