"""The commands and controls of the bot, one topic a file; loaded by name."""
