"""The operations on consents: agree, name a guardian, answer for a minor, and what clips wait for.

Each that decides about clips runs while the account is locked, so that a release and a purge cannot cross.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from anb.accounts import links, profile
from anb.accounts import service as accounts
from anb.accounts.links import Purpose
from anb.consents import policy_texts, store
from anb.consents.domain import (
    Agreement,
    Answer,
    BirthYearKnown,
    Channel,
    ConsentRule,
    Consents,
    ConsentStanding,
    Guardian,
    GuardianAnswered,
    GuardianNeeded,
    KeptConsent,
    NewGuardian,
    PlayerAnswer,
    PolicyNotFound,
    PolicyOutdated,
    check_guardian,
    check_year,
    is_minor,
    standing,
)
from anb.consents.taking_back import end_link, of_link, thank
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.sentences import Language
from anb.settings import Settings
from anb.zones import year_in_colombia

DAY = 24 * 3600
PolicyText = policy_texts.PolicyText
current_version, versions = policy_texts.current_version, policy_texts.versions
_NEEDS_GUARDIAN = {ConsentStanding.GUARDIAN_UNNAMED, ConsentStanding.GUARDIAN_SILENT, ConsentStanding.REFUSED}


def standing_of(uow: UnitOfWork, settings: Settings, account_id: UUID) -> ConsentStanding:
    """Say what a player's clips wait for."""
    if not store.asks_consent(uow):
        return ConsentStanding.NOT_ASKED
    return standing(known_of(uow, account_id), rule_of(uow, settings))


def known_of(uow: UnitOfWork, account_id: UUID) -> Consents:
    """Return what decides about a player's clips."""
    guardian = store.latest_guardian(uow, account_id)
    return Consents(
        birth_year=profile.birth_year(uow, account_id),
        player_version=store.player_version(uow, account_id),
        guardian=guardian,
        guardian_version=store.guardian_version(uow, guardian.id) if guardian else None,
    )


def rule_of(uow: UnitOfWork, settings: Settings) -> ConsentRule:
    """Return what a consent needs to count now, by the database's clock."""
    now, wait = store.now(uow), timedelta(days=settings.consent_wait_days)
    return ConsentRule(now, year_in_colombia(now), wait, settings.consent_oldest_version)


def rule_for_new(uow: UnitOfWork, settings: Settings) -> ConsentRule | None:
    """Return what the consent of a new account needs; None where the season asks for none."""
    return rule_of(uow, settings) if store.asks_consent(uow) else None


def has_to_answer(uow: UnitOfWork, account_id: UUID) -> bool:
    """Say whether to ask a person who signs in: they have not agreed to the version in force."""
    return store.asks_consent(uow) and store.player_version(uow, account_id) != current_version()


def show_policy(settings: Settings, version: str, language: Language) -> policy_texts.PolicyText:
    """Return a version of the data policy. Raises PolicyNotFound."""
    if version not in versions():
        raise PolicyNotFound
    return policy_texts.policy_text(settings, version, language)


def answer_as_player(
    uow: UnitOfWork, settings: Settings, account_id: UUID, said: PlayerAnswer, language: Language, channel: Channel
) -> None:
    """Store a player's own agreement to the version in force, and ask the guardian of a minor.

    Raises PolicyOutdated, BirthYearWrong, BirthYearKnown, GuardianNeeded, GuardianIsPlayer, GuardianAnswered,
    AccountNotFound.
    """
    accounts.lock_account(uow, account_id)
    rule = rule_of(uow, settings)
    birth_year = _birth_year(uow, account_id, said.birth_year, rule.year)
    agreement = _agreement(settings, said.version, language, channel)
    if store.player_version(uow, account_id) != said.version:
        store.add(uow, account_id, agreement)
        uow.after_commit(partial(record, "consents.player.given", account_id=account_id))
    if not is_minor(birth_year, rule.year):
        return
    if said.guardian is not None:
        name_guardian(uow, settings, account_id, said.guardian, language)
    elif standing(known_of(uow, account_id), rule) in _NEEDS_GUARDIAN:
        raise GuardianNeeded


def _birth_year(uow: UnitOfWork, account_id: UUID, told: int | None, this_year: int) -> int | None:
    known = profile.birth_year(uow, account_id)
    if told is None or told == known:
        return known
    check_year(told, this_year)
    if not profile.tell_birth_year(uow, account_id, told):
        raise BirthYearKnown
    return told


def name_guardian(uow: UnitOfWork, settings: Settings, account_id: UUID, new: NewGuardian, language: Language) -> str:
    """Ask a guardian by mail, the first time or again; return the path of their link.

    Another address replaces the guardian who was asked before. Raises GuardianIsPlayer, GuardianAnswered.
    """
    accounts.lock_account(uow, account_id)
    player, days = accounts.who(uow, account_id), settings.consent_wait_days
    check_guardian(new, player.email)
    guardian = _asked(uow, account_id, store.latest_guardian(uow, account_id), new, language)
    path = _link(uow, settings, guardian)
    to = Recipient(None, guardian.email, guardian.name, language)
    mail.post(uow, NewMail(MailKind.GUARDIAN_CONSENT, to, {"player": player.shown_name, "link": path, "days": days}))
    uow.after_commit(partial(record, "consents.guardian.asked", account_id=account_id))
    return path


def _asked(uow: UnitOfWork, account_id: UUID, last: Guardian | None, new: NewGuardian, language: Language) -> Guardian:
    if store.has_refused(uow, account_id, new.email):
        raise GuardianAnswered
    if last is not None and last.answer is None:
        if last.email == new.email:
            return store.ask_again(uow, last.id, new.name, language)
        store.answer(uow, last.id, Answer.REPLACED)
    links.void(uow, account_id, Purpose.GUARDIAN)
    return store.add_guardian(uow, account_id, new, language)


def guardian_of(uow: UnitOfWork, token: str) -> Guardian:
    """Return the guardian of a link that can still be used. Raises LinkInvalid, LinkExpired, LinkUsed."""
    link = links.open(uow, Purpose.GUARDIAN, token)
    return of_link(uow, link)


def answer_as_guardian(
    uow: UnitOfWork, settings: Settings, token: str, version: str, language: Language, *, given: bool
) -> UUID:
    """Store a guardian's answer and return the player's account, locked until this transaction ends.

    Raises LinkInvalid, LinkExpired, LinkUsed, PolicyOutdated.
    """
    agreement = _agreement(settings, version, language, Channel.LINK, given=given)
    guardian = guardian_of(uow, token)
    accounts.lock_account(uow, guardian.account_id)
    of_link(uow, links.use(uow, Purpose.GUARDIAN, token))
    if store.answer(uow, guardian.id, Answer.CONFIRMED if given else Answer.REFUSED) is None:
        raise links.LinkUsed
    links.void(uow, guardian.account_id, Purpose.GUARDIAN)
    store.add(uow, guardian.account_id, agreement, guardian.id)
    if given:
        thank(uow, guardian)
        uow.after_commit(partial(record, "consents.guardian.given", account_id=guardian.account_id))
    else:
        uow.after_commit(partial(record, "consents.guardian.refused", account_id=guardian.account_id))
    return guardian.account_id


def list_of(uow: UnitOfWork, account_id: UUID) -> list[KeptConsent]:
    """Return everything that was answered for an account, oldest first."""
    return store.list_of(uow, account_id)


def guardians_asked(uow: UnitOfWork, account_id: UUID) -> list[Guardian]:
    """Return every guardian who was asked for an account, oldest first."""
    return store.list_guardians(uow, account_id)


def link_for_operator(uow: UnitOfWork, settings: Settings, account_id: UUID) -> str:
    """Return the path of a link for an operator to pass on to a guardian: to answer, or to take a permission back.

    Raises GuardianNeeded.
    """
    guardian = _concerned(uow, account_id)
    return _link(uow, settings, guardian) if guardian.answer is None else end_link(uow, guardian)


def remind_guardian(uow: UnitOfWork, settings: Settings, account_id: UUID) -> None:
    """Ask the guardian who is being asked by mail again, or mail the one who agreed how to take it back.

    Raises GuardianNeeded, GuardianIsPlayer, GuardianAnswered.
    """
    guardian = _concerned(uow, account_id)
    if guardian.answer is not None:
        thank(uow, guardian)
        return
    name_guardian(uow, settings, account_id, NewGuardian(guardian.name, guardian.email), guardian.language)


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Forget who the guardians of an account were, and return how many; what was answered stays as proof."""
    links.void(uow, account_id, Purpose.GUARDIAN, Purpose.GUARDIAN_END)
    return store.forget_guardians(uow, account_id)


def _link(uow: UnitOfWork, settings: Settings, guardian: Guardian) -> str:
    seconds = settings.consent_wait_days * DAY
    return "/guardian?token=" + links.make(
        uow, Purpose.GUARDIAN, guardian.account_id, {"guardian_id": str(guardian.id)}, seconds
    )


def _concerned(uow: UnitOfWork, account_id: UUID) -> Guardian:
    """Return the guardian who was asked last, and is being asked or agreed. Raises GuardianNeeded."""
    guardian = store.latest_guardian(uow, account_id)
    if guardian is None or guardian.answer not in {None, Answer.CONFIRMED}:
        raise GuardianNeeded
    return guardian


def _agreement(
    settings: Settings, version: str, language: Language, channel: Channel, *, given: bool = True
) -> Agreement:
    if version != current_version():
        raise PolicyOutdated
    text = policy_texts.policy_text(settings, version, language)
    return Agreement(version, text.digest, text.language, channel, given)
