"""The error of a command that cannot go on."""


class CommandError(Exception):
    """A command cannot go on; the message says why and what to do."""
