"""The pages for people: rendered by the server in every language, complete without a script, better with one."""

from anb.pages import (
    account,
    account_confirm,
    account_consents,
    account_devices,
    account_email,
    account_identities,
    account_invitation,
    account_mail,
    account_password,
    account_photo,
    account_privacy,
    account_profile,
    account_reset,
    account_security,
    assets,
    auth,
    clips,
    docs,
    issuers,
    issuers_join,
    jury,
    mine,
    organizer,
    organizer_calendar,
    organizer_moderation,
    organizer_rules,
    organizer_seasons,
    reporting,
    results,
    second_step,
    standings,
    watch,
)

ACCOUNT = (
    account,
    account_confirm,
    account_consents,
    account_devices,
    account_email,
    account_invitation,
    account_mail,
    account_password,
    account_photo,
    account_profile,
    account_reset,
    account_security,
    second_step,
    account_privacy,
)
ISSUERS = (issuers, issuers_join, account_identities)
PEOPLE = (assets, clips, watch, docs, auth, mine, jury, reporting, standings, results)
ORGANIZERS = (organizer, organizer_moderation, organizer_seasons, organizer_rules, organizer_calendar)
ROUTERS = tuple(module.router for module in (*PEOPLE, *ACCOUNT, *ISSUERS, *ORGANIZERS))
