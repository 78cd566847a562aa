"""What ``sheepbot`` and ``python -m bot`` begin with."""

import gc


def main() -> None:
    """The command line, loaded without looking for garbage: there is none yet, and it would be a tenth of the start."""
    gc.disable()
    from bot.cli import cli  # noqa: PLC0415 - what is loaded before the line above is looked through

    cli(prog_name="sheepbot")


if __name__ == "__main__":
    main()
