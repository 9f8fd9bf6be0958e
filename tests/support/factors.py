"""Second factors of players: enrolled, computed and aged as tests need them."""

from datetime import timedelta
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from anb.db.tables_factors import factor_challenges, passkeys, recovery_codes, totp_secrets
from anb.factors import service
from anb.factors.domain import STEP_SECONDS
from support.worlds import World


def enrolled(world: World, account_id: UUID) -> str:
    """Enrol an account for one-time passwords, and return the secret in its app."""
    with world.uow() as uow:
        service.begin_totp(uow, world.ports, account_id)
        secret = service.begun_totp(uow, world.ports, account_id) or ""
        service.confirm_totp(uow, world.ports, account_id, code_at(world, secret))
    return secret


def code_at(world: World, secret: str, steps: int = 0) -> str:
    """Return the code that an app shows now, or some steps from now."""
    return pyotp.TOTP(secret).at(world.clock.now() + timedelta(seconds=steps * STEP_SECONDS))


def age_ceremonies(world: World, *, minutes: float) -> int:
    """Age what browsers have begun, as though the time had passed; return how many there are."""
    earlier = factor_challenges.c.expires_at - timedelta(minutes=minutes)
    with world.uow() as uow:
        return uow.execute(update(factor_challenges).values(expires_at=earlier)).rowcount


def dumped(world: World) -> str:
    """Return everything that the database keeps of second factors, as text."""
    with world.uow() as uow:
        tables = (passkeys, totp_secrets, recovery_codes, factor_challenges)
        return "\n".join(str(row) for table in tables for row in uow.execute(select(table)))
