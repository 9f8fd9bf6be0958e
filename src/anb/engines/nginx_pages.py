"""Pages for nginx's own refusals. They need no other file, since the application may be down."""

import hashlib
from base64 import b64encode
from http import HTTPStatus

from anb.engines.nginx_problems import NginxProblem
from anb.sentences import Sentence

# By their name in the configuration.
WORDS = {
    "lost": Sentence("nginx.lost_title"),
    "refused": Sentence("error.refused_title"),
    "down": Sentence("error.broken_title"),
    "back": Sentence("nginx.home"),
}

# The colours of pages/static/site.css. It cannot be linked: the application that serves it may be down.
STYLE = (
    ":root{--page:#fbf5ea;--text:#0f1729;--link:#1b5a9e}"
    "@media(prefers-color-scheme:dark){:root{--page:#0a101e;--text:#f7efe1;--link:#8abbf3}}"
    "*{box-sizing:border-box;margin:0}"
    "body{min-height:100vh;background:var(--page);color:var(--text);"
    "font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "header{background:#0b1322;border-bottom:3px solid #e9cd9c;padding:18px 16px}"
    "header a{color:#fbf6ec;font-size:1.375rem;text-transform:uppercase;text-decoration:none}"
    "header b{color:#f2600c}"
    "main{max-width:40rem;margin:auto;padding:32px 16px}"
    "h1{font-size:2.25rem;line-height:1.1;text-transform:uppercase}"
    "p{margin-top:16px}"
    "main a{color:var(--link);display:inline-block;padding:10px 0}"
    ":focus-visible{outline:3px solid var(--link);outline-offset:3px}"
)
# The only style that the page's policy allows.
STYLE_SOURCE = f"sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"


def page(problem: NginxProblem) -> str:
    """Return the page of a refusal, with the configuration's variables in place of the words of a language.

    nginx reads it between single quotes, and limits it to 4,095 bytes.
    """
    return (
        '<!doctype html><html lang="$language"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>$page_{_kind(problem)} · ANB Rising Stars</title><style>{STYLE}</style></head>"
        '<body><header><a href="/"><b>ANB</b> Rising Stars</a></header>'
        f"<main><h1>$page_{_kind(problem)}</h1><p>$detail_{problem.name}</p>"
        '<p><a href="/">$page_back</a></p></main></body></html>'
    )


def _kind(problem: NginxProblem) -> str:
    if problem.status == HTTPStatus.NOT_FOUND:
        return "lost"
    return "down" if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused"
