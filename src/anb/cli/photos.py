"""The command of organizers on photos of people."""

from typing import Annotated

import typer

from anb.accounts import recovery
from anb.cli.acting import operator
from anb.cli.console import console
from anb.cli.privacy import tools
from anb.cli.user import Email
from anb.photos import service as photos
from anb.photos.domain import PhotoFault


def remove_photo(
    email: Email, reason: Annotated[PhotoFault, typer.Option("--reason", help="The person reads it on their profile.")]
) -> None:
    """Remove a person's photo; browsers that have it show it for five more minutes at most."""
    with tools() as (_, database, ports), database.transaction() as uow:
        account = recovery.find(uow, email)
        photos.remove_for(uow, ports, account.id, reason, operator())
    console.print(f"The photo of {account.username} is removed.")
