"""What keeps the stack from starting, said in one line each."""

from anb.errors import AnbError


class CannotStart(AnbError):
    """The stack cannot start (or a part of it); the text is one line that says why and what to do."""
