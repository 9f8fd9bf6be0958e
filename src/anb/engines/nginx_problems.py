"""nginx's own refusals, as problem documents like those of the application, from the same catalogues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from anb.engines.errors import CannotStart
from anb.sentences import Catalogue, Language, Sentence, catalogues
from anb.settings import MIB

# nginx cannot escape `$`; the others would end a string of nginx, JSON or HTML.
_NEVER = frozenset('"\\$<&\n')


@dataclass(frozen=True)
class NginxProblem:
    """One refusal: the nginx statuses it replaces, the status that clients get, and its sentence."""

    replaces: tuple[int, ...]
    status: int
    code: str
    says: str = "nginx"  # section of the catalogues: `refusal` where the application says the same
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return its name in the configuration."""
        return f"{self.code.replace('-', '_')}_{self.status}"

    @property
    def title(self) -> str:
        """Return the standard words for the status."""
        return HTTPStatus(self.status).phrase

    @property
    def passes(self) -> bool:
        """Say whether trying again later may help."""
        return self.status in {429, 502, 503, 504}

    @property
    def sentence(self) -> Sentence:
        """What people read."""
        return Sentence(f"{self.says}.{self.code}", self.fields)


PROBLEMS = (
    NginxProblem((400,), 400, "bad-request"),
    # The answer does not reveal whether a link or its target exists.
    NginxProblem((403, 404), 404, "not-found", "refusal"),
    NginxProblem((413,), 413, "body-too-large"),
    NginxProblem((414,), 414, "address-too-long"),
    NginxProblem((412,), 412, "precondition-failed"),
    NginxProblem((416,), 416, "no-such-range"),
    NginxProblem((429,), 429, "too-many-requests"),
    NginxProblem((421,), 421, "wrong-site"),
    NginxProblem((495, 496, 497), 400, "https-needed"),
    NginxProblem((494,), 431, "headers-too-large"),
    NginxProblem((500,), 500, "internal", "refusal"),
    # TRACE, CONNECT, an unknown transfer encoding. nginx answers the first two with 405, which must list the allowed
    # methods, and only the application knows those.
    NginxProblem((405, 501), 501, "not-implemented"),
    NginxProblem((505,), 505, "http-version"),
    *(NginxProblem((status,), status, "unavailable", "refusal") for status in (502, 503, 504)),
    NginxProblem((507,), 507, "no-room", "refusal"),
)


def too_many_bytes(limit: int) -> NginxProblem:
    """Return the refusal of an upload of more than `limit` bytes: 400 by contract, from nginx and the application."""
    # The weight is a variable of words.conf.j2, in bytes: nginx cannot divide.
    fields = {"found": "$upload_weight", "limit": limit // MIB}
    return NginxProblem((413,), 400, "too-many-bytes", "refusal", fields)


def texts(sentence: Sentence) -> dict[Language, str]:
    """Return a sentence in each language, the default one first. Raises CannotStart for what nginx cannot write."""
    return {language: _text(catalogue, sentence) for language, catalogue in catalogues().items()}


def _text(catalogue: Catalogue, sentence: Sentence) -> str:
    found = _NEVER.intersection(catalogue.sentence(sentence.key))
    if found:
        signs = " ".join(sorted(found)).strip()
        raise CannotStart(f"nginx cannot write {signs} in {sentence.key}, language {catalogue.language}")
    return catalogue.say(sentence.key, sentence.fields)
