"""Messages to the user: on standard output, or in a log."""

from __future__ import annotations

import logging
import sys

from triceras_backends import config

_LOGGER = logging.getLogger("triceras")


def say(text: str) -> None:
    """A line on standard output; with interactive logging disabled, in the logger "triceras" at level INFO."""
    if config.is_interactive_logging_enabled():
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    else:
        _LOGGER.info(text.strip())
