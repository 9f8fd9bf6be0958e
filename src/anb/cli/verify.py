"""The `anb verify` command: the program that a season's log offers to everyone, run from here."""

import sys

import typer

# The program reads its own options, so that they are the same wherever it is run.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def verify(context: typer.Context) -> None:
    """Verify a season's log of votes from outside, and count it again: `anb verify --log URL`; --help has the rest."""
    from anb.votelog import verifier  # noqa: PLC0415 - no other command downloads anything

    sys.exit(verifier.main(context.args, "anb verify"))
