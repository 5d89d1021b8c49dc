"""Messages to the user: on standard output, or in a log."""

from __future__ import annotations

import logging
import sys

from triceras_backends import config

_LOGGER = logging.getLogger("triceras")


def say(text: str) -> None:
    """A line on standard output; with interactive logging disabled, in the logger "triceras" at level INFO."""
    if config.is_interactive_logging_enabled():
        write(text + "\n")
    else:
        _LOGGER.info(text.strip())


def write(text: str) -> None:
    """Text on standard output, at once, whatever characters that knows."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:  # a terminal without the characters of bars
        sys.stdout.write(text.replace("━", "=").replace("─", "-"))
    sys.stdout.flush()
