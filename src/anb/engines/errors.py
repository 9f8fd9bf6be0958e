"""Reasons why the stack cannot start, in one line each."""

from anb.errors import AnbError


class CannotStart(AnbError):
    """The stack or a part of it cannot start; the text is one line that says why and what to do."""
