"""Access to every endpoint of the API, the pages and the streams, by every kind of caller.

An endpoint that is not in the table fails, and so does a row whose endpoint is gone. Each call names things that exist
and belong to another player, so that a missing check of the owner shows, and sends nothing else: an endpoint that
looked at the form before the caller would show, too. A second factor is asked of the owner, who has a passkey, and of
administrators, by the setting; what roles need one for is in test_factors_required.py.
"""

import json

import pytest

from anb.settings.rates import RateNetworks, RateSettings
from support.access import Access, Callers, Endpoint, Things, endpoints
from support.browser_client import form
from support.doors import Doors
from support.jury import JURY
from support.worlds import World

LET_IN, SIGN_IN, FORBIDDEN, MISSING = Access.LET_IN, Access.SIGN_IN, Access.FORBIDDEN, Access.MISSING
# The callers that each rule lets in; the others are asked to sign in or, signed in, refused.
ORGANIZERS = {"organizer", "administrator"}
ALIVE = {"unconfirmed", "player", "guardian pending", "juror", "owner", Callers.WEAK} | ORGANIZERS
LET = {
    "everybody": ALIVE | Callers.DEAD,
    "the holder of a link": set(),  # this test brings none, and a session is not enough
    "the voter": set(),  # no caller of this test votes before these rows
    "with an issuer": set(),  # the settings of this test name none
    "signed in": ALIVE,
    "confirmed": ALIVE - {"unconfirmed"},
    "the owner": {"owner"},
    "the owner, in silence": ALIVE,  # answered as a second click is; the owner's passkey must stay
    "the owner and organizers": {"owner"} | ORGANIZERS,
    "hidden": {"owner"} | ORGANIZERS,
    "organizers": ORGANIZERS,
    "administrators": {"administrator"},
    "jurors": {"juror"},
}
# The rules under which an organizer may change what the owner has.
CHANGING = {"the owner and organizers", "organizers", "administrators"}
TABLE = {
    "everybody": """
        GET /api/public/videos, GET /api/public/suggestions, GET /api/public/rankings, GET /api/health/live,
        GET /api/public/players/{player_id},
        GET /api/health/ready, GET /api/health/parts, GET /health, HEAD /health, POST /api/auth/signup,
        POST /api/auth/login, POST /api/auth/refresh, OPTIONS /api/uploads/{upload_id}, OPTIONS /api/uploads,
        POST /api/auth/forgot, GET /api/public/seasons/{slug}/results, GET /api/public/seasons/{slug}/results.csv,
        GET /api/public/seasons/{slug}/results.xlsx, GET /api/public/seasons/{slug}/results.json, GET /results,
        POST /api/public/videos/{video_id}/report, GET /videos/{video_id}/report, POST /videos/{video_id}/report,
        GET /static/{version}/{name}, POST /language, GET /robots.txt, GET /sitemap.xml,
        GET /feeds/clips.xml, GET /feeds/results.xml, GET /manifest.webmanifest, GET /favicon.ico,
        GET /apple-touch-icon.png, GET /offline, GET /sw.js, GET /, GET /fragments/clips/first, GET /fragments/clips,
        GET /embed/videos/{video_id}, GET /oembed,
        GET /fragments/videos/{video_id}, GET /api/docs, GET /signup, POST /signup, GET /login, POST /login,
        POST /logout, GET /ranking, GET /fragments/ranking, GET /players/{player_id}, GET /rules, GET /privacy/policy,
        GET /privacy/policy/{version}, GET /forgot, POST /forgot, GET /login/second, POST /login/second,
        POST /login/passkey/options, POST /login/passkey, GET /privacy, GET /signup/with, POST /signup/with,
        GET /signup/with/account, GET /api/openapi.json, GET /api/postman.json, GET /api/public/events,
        GET /api/public/log/verify.py, GET /api/public/log/{slug}/checkpoint, GET /api/public/log/{slug}/checkpoints,
        GET /api/public/log/{slug}/key, GET /api/public/log/{slug}/tile/{name:path},
        GET /api/public/log/{slug}/receipt/{index}
    """,
    "the holder of a link": """
        POST /api/auth/confirm, POST /api/auth/reset, GET /account/confirm, POST /account/confirm, GET /guardian,
        POST /guardian, GET /guardian/end, POST /guardian/end, GET /account/email/confirm,
        POST /account/email/confirm, GET /account/email/stop, POST /account/email/stop, POST /account/email/approve,
        POST /api/auth/email/accept, POST /api/auth/email/approve, POST /api/auth/email/stop, GET /account/invitation,
        POST /account/invitation, POST /api/auth/invitation, GET /mail/stop, POST /mail/stop, GET /account/reset,
        POST /account/reset
    """,
    "signed in": """
        POST /api/auth/logout, POST /api/auth/factor, GET /api/me/standing, GET /api/me/sessions,
        GET /videos/{video_id}/vote,
        DELETE /api/me/sessions,
        POST /api/videos/upload, GET /api/videos, GET /api/me/votes, POST /api/me/export,
        POST /api/uploads, POST /api/me/confirmation, GET /api/account/consent, POST /api/account/consent, GET /me,
        GET /upload, POST /upload, GET /account, POST /account/confirmation, GET /account/consent,
        POST /account/consent, GET /account/devices, GET /account/email, POST /account/email, GET /account/mail,
        POST /account/mail, GET /account/password, POST /account/password, GET /account/confirm-password,
        POST /account/confirm-password, GET /account/profile, POST /account/profile, GET /account/security,
        POST /account/security/passkeys/options, POST /account/security/passkeys, POST /account/security/totp,
        GET /account/security/totp, POST /account/security/totp/confirm, POST /account/security/totp/remove,
        POST /account/security/recovery, GET /account/factor, POST /account/factor, GET /account/votes,
        GET /account/export, POST /account/export, GET /account/identities/link, POST /account/identities/link,
        GET /account/identities, PUT /api/me/photo, POST /account/profile/photo, POST /account/profile/photo/remove,
        POST /api/me/erasure, GET /account/erase, POST /account/erase, POST /account/email/cancel,
        POST /api/me/password, GET /api/me/email, POST /api/me/email, DELETE /api/me/email/change
    """,
    "with an issuer": """
        POST /login/with/{key}, GET /login/with/{key}/callback, POST /account/identities/with/{key}
    """,
    "the owner": """
        DELETE /api/me/photo, GET /api/me/photo, HEAD /api/me/photo,
        DELETE /api/me/sessions/{session_id}, DELETE /api/videos/{video_id}, GET /api/me/export,
        GET /api/me/export/file,
        POST /api/videos/{video_id}/withdraw, HEAD /api/uploads/{upload_id}, GET /api/uploads/{upload_id},
        PATCH /api/uploads/{upload_id}, DELETE /api/uploads/{upload_id}, POST /videos/{video_id}/delete,
        POST /videos/{video_id}/withdraw, POST /account/devices, POST /account/security/passkeys/{passkey_id}/name,
        GET /account/export/file,
        POST /account/identities/{identity_id}/unlink
    """,
    "the owner, in silence": """
        POST /account/security/passkeys/{passkey_id}/remove
    """,
    "the owner and organizers": """
        GET /api/videos/{video_id}, GET /api/jobs/{task_id}, POST /api/jobs/{task_id}/cancel,
        GET /api/jobs/{task_id}/events
    """,
    "organizers": """
        GET /api/admin/jobs, GET /api/admin/jobs/{job_id}, POST /api/admin/jobs/{job_id}/retry,
        POST /api/admin/jobs/{job_id}/cancel, GET /api/admin/line, GET /api/admin/backlog, PUT /api/admin/drain,
        DELETE /api/admin/drain, GET /api/admin/audit, GET /api/admin/clusters, GET /api/admin/clusters/{cluster_id},
        POST /api/admin/clusters/{cluster_id}/release, POST /api/admin/clusters/{cluster_id}/void-votes,
        POST /api/admin/clusters/{cluster_id}/restore-votes, GET /api/admin/held-votes,
        GET /api/admin/held-votes/{video_id}, POST /api/admin/held-votes/release, POST /api/admin/held-votes/void,
        GET /api/admin/seasons/{slug}/results, GET /api/admin/seasons/{slug}/results.csv,
        GET /api/admin/seasons/{slug}/results.xlsx, GET /api/admin/seasons/{slug}/results.json,
        GET /api/admin/seasons, POST /api/admin/seasons, GET /api/admin/seasons/{slug},
        PUT /api/admin/seasons/{slug}/calendar, PUT /api/admin/seasons/{slug}/rules,
        POST /api/admin/seasons/{slug}/close, POST /api/admin/seasons/{slug}/reopen,
        GET /api/admin/seasons/{slug}/jury/jurors, GET /api/admin/seasons/{slug}/jury/clips,
        POST /api/admin/seasons/{slug}/jury/jurors/{account_id}/set-aside,
        POST /api/admin/seasons/{slug}/jury/jurors/{account_id}/restore,
        GET /api/admin/moderation, POST /api/admin/moderation/{video_id}/approve,
        POST /api/admin/moderation/{video_id}/hide, POST /api/admin/moderation/{video_id}/refuse,
        GET /organizer, GET /organizer/moderation, POST /organizer/moderation,
        GET /organizer/seasons, GET /organizer/seasons/new, POST /organizer/seasons/new, GET /organizer/seasons/{slug},
        GET /organizer/seasons/{slug}/calendar, POST /organizer/seasons/{slug}/calendar,
        GET /organizer/seasons/{slug}/rules, POST /organizer/seasons/{slug}/rules,
        GET /organizer/seasons/{slug}/close, POST /organizer/seasons/{slug}/close,
        GET /organizer/seasons/{slug}/reopen, POST /organizer/seasons/{slug}/reopen,
        GET /organizer/seasons/{slug}/results, POST /organizer/seasons/{slug}/results/recount,
        GET /organizer/seasons/{slug}/jury, GET /organizer/charts,
        GET /organizer/seasons/{slug}/jury/jurors/{account_id}/{act},
        POST /organizer/seasons/{slug}/jury/jurors/{account_id}/{act},
        GET /organizer/people, GET /organizer/people/{account_id}, GET /organizer/people/{account_id}/acts/{act},
        POST /organizer/people/{account_id}/acts/{act}, GET /organizer/fraud, GET /organizer/fraud/clips/{video_id},
        GET /organizer/fraud/decide, POST /organizer/fraud/decide, GET /organizer/fraud/clusters,
        GET /organizer/fraud/clusters/{cluster_id}, GET /organizer/fraud/clusters/{cluster_id}/{act},
        POST /organizer/fraud/clusters/{cluster_id}/{act}, GET /organizer/audit, POST /organizer/audit/verify,
        GET /organizer/jobs, GET /organizer/jobs/drain, POST /organizer/jobs/drain, GET /organizer/jobs/{job_id},
        GET /organizer/jobs/{job_id}/{act}, POST /organizer/jobs/{job_id}/{act}, GET /organizer/health,
        GET /organizer/moderation/clips/{video_id}, GET /organizer/moderation/people/{account_id},
        GET /api/admin/reports, GET /api/admin/moderation/{video_id}/reports,
        GET /api/admin/moderation/{video_id}/history, GET /api/admin/moderation/people/{account_id}/history,
        POST /api/admin/moderation/{video_id}/dismiss-reports,
        POST /api/admin/moderation/{video_id}/reverse-refusal, POST /api/admin/moderation/{video_id}/take-down,
        GET /api/admin/users, GET /api/admin/users/{account_id},
        POST /api/admin/users/{account_id}/confirm, POST /api/admin/users/{account_id}/end-sessions,
        PUT /api/admin/users/{account_id}/birth-year, POST /api/admin/users/{account_id}/unlock
    """,
    "administrators": """
        GET /organizer/people/invite, POST /organizer/people/invite, GET /organizer/people/{account_id}/rights/{act},
        POST /organizer/people/{account_id}/rights/{act}, GET /organizer/mail, POST /organizer/mail/{mail_id}/retry,
        POST /organizer/mail/{mail_id}/dismiss, GET /organizer/settings,
        PUT /api/admin/users/{account_id}/role, POST /api/admin/users/{account_id}/reset-password,
        POST /api/admin/users/{account_id}/guardian, POST /api/admin/users/{account_id}/export,
        POST /api/admin/users/{account_id}/erase, GET /api/admin/mails, POST /api/admin/mails/{mail_id}/retry,
        POST /api/admin/mails/{mail_id}/dismiss
    """,
    "jurors": """
        GET /api/jury, GET /api/jury/scores, GET /api/jury/clips/{clip}, PUT /api/jury/clips/{clip}/score,
        DELETE /api/jury/clips/{clip}/score, GET /api/jury/clips/{clip}/{rendition},
        HEAD /api/jury/clips/{clip}/{rendition},
        GET /jury, GET /jury/scores, GET /jury/{clip}, POST /jury/{clip}, POST /jury/{clip}/undo
    """,
    "the voter": """
        GET /api/public/videos/{video_id}/vote, GET /api/public/videos/{video_id}/vote/receipt,
        GET /account/votes/{video_id}/promise, GET /account/votes/{video_id}/receipt
    """,
    "confirmed": """
        POST /api/public/videos/{video_id}/vote, POST /videos/{video_id}/vote
    """,
    "hidden": """
        GET /api/players/{username}/photo, HEAD /api/players/{username}/photo,
        GET /api/videos/{video_id}/{rendition}, HEAD /api/videos/{video_id}/{rendition}, GET /videos/{video_id}
    """,
}

ROWS = [
    (rule, (method, path)) for rule, rows in TABLE.items() for method, path in (row.split() for row in rows.split(","))
]
BODIES = {
    ("POST", "/organizer/jobs/drain"): "act=end&why=x",  # a drain would let no later row publish a clip
    ("POST", "/api/admin/clusters/{cluster_id}/release"): '{"grew_at": "2026-01-01T00:00:00Z"}',
    ("POST", "/api/admin/clusters/{cluster_id}/void-votes"): '{"grew_at": "2026-01-01T00:00:00Z", "reason": "x"}',
    ("POST", "/api/admin/clusters/{cluster_id}/restore-votes"): '{"reason": "x"}',
    ("POST", "/api/admin/held-votes/release"): '{"up_to": 0, "reason": "x"}',
    ("POST", "/api/admin/held-votes/void"): '{"up_to": 0, "reason": "x"}',
    ("POST", "/account/devices"): "which={session_id}",
    ("POST", "/api/auth/confirm"): '{"token": "x"}',
    ("POST", "/api/admin/mails/{mail_id}/dismiss"): "{}",
    **{("POST", f"/api/auth/email/{act}"): '{"token": "x"}' for act in ("accept", "approve", "stop")},
    ("POST", "/api/admin/moderation/{video_id}/approve"): "{}",
    ("POST", "/api/admin/moderation/{video_id}/hide"): '{"reason": "x"}',
    ("POST", "/api/admin/moderation/{video_id}/refuse"): '{"reason": "rules"}',
    ("POST", "/api/public/videos/{video_id}/report"): '{"reason": "other"}',
    ("POST", "/api/admin/moderation/{video_id}/dismiss-reports"): "{}",
    ("POST", "/api/admin/moderation/{video_id}/reverse-refusal"): "{}",
    ("POST", "/api/admin/moderation/{video_id}/take-down"): '{"reason": "rules", "confirm": true}',
    ("PUT", "/api/jury/clips/{clip}/score"): '{"marks": {}}',
    ("POST", "/api/admin/seasons/{slug}/jury/jurors/{account_id}/set-aside"): '{"reason": "x"}',
    ("POST", "/api/admin/seasons/{slug}/jury/jurors/{account_id}/restore"): '{"reason": "x"}',
    ("POST", "/api/auth/reset"): '{"token": "x", "password1": "cesta-de-tres-9", "password2": "cesta-de-tres-9"}',
    ("POST", "/api/auth/invitation"): json.dumps(form() | {"token": "x"}),
    ("POST", "/account/reset"): "token=x&password1=cesta-de-tres-9&password2=cesta-de-tres-9",
}
PUBLIC = ("/vote", "/report", "/withdraw", "/hide", "/fragments/", "/embed/")
LAST = ("/export", "/erasure", "/erase")  # asking for an archive, or to be erased, changes what the other rows answer


def refusals(rule: str, endpoint: Endpoint, caller: str) -> set[Access]:
    """Return the answers with which a rule may refuse a caller."""
    if rule == "hidden":
        return {FORBIDDEN} if endpoint[1].startswith("/api/videos/") or caller == Callers.WEAK else {MISSING}
    if rule == "the holder of a link" or endpoint[1].startswith("/login/with/"):
        return {MISSING}
    if caller in Callers.DEAD:
        return {SIGN_IN}
    if caller == "owner" and "/api/admin/users/" in endpoint[1]:
        return {FORBIDDEN, SIGN_IN}  # the act on the account may have ended its sessions
    return {FORBIDDEN} if rule in {"organizers", "administrators", "confirmed", "jurors"} else {FORBIDDEN, MISSING}


def test_the_table_lists_every_endpoint_once(world: World) -> None:
    assert sorted(endpoint for _, endpoint in ROWS) == sorted(endpoints(world))


@pytest.mark.slow
def test_each_caller_is_let_in_where_the_table_says_so_and_nowhere_else(world: World) -> None:
    world.change(**dict.fromkeys(RateSettings.model_fields.keys() - RateNetworks.model_fields.keys(), ""))
    world.change(second_factor_roles=frozenset({"administrator"}))
    world.season(asks_confirmation=True, asks_consent=True, jury=JURY)
    callers, wrong = Callers(world), []
    things = Things(world, callers.owner, callers.juror.id)
    with Doors(world) as doors:
        for rule, endpoint in sorted(ROWS, key=lambda row: row[1][0] == "POST" and row[1][1].endswith(LAST)):
            public = any(part in endpoint[1] for part in PUBLIC)
            place, body = (things.fill(said, public=public) for said in (endpoint[1], BODIES.get(endpoint, "")))
            before = things.standing()
            for caller, proof in callers.all():
                if caller == "owner" and rule not in CHANGING and things.standing() != before:
                    wrong.append((*endpoint, "others", "changed what the owner has"))
                answer = doors.knock(endpoint, place, body, proof)
                expected = {LET_IN} if caller in LET[rule] else refusals(rule, endpoint, caller)
                if answer not in expected:
                    wrong.append((*endpoint, caller, answer.value))
    assert wrong == []
