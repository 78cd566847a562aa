"""Sheepbot: film reviews in Discord, rated by the flock."""

__version__ = "0.1.0"
