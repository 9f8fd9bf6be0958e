"""What can go wrong, in two kinds: a refusal of a request, and an outage of a part of the platform."""

from typing import ClassVar

from anb.sentences import LOGS, Language, Sentence, catalogues


class AnbError(Exception):
    """An error that the platform raises on purpose."""


class Refusal(AnbError):
    """A request that the platform understood and turns down. It names the rule and the value, and changes nothing.

    Each subclass has one sentence: `status` is the HTTP status, `code` a stable word for programs. People read the
    message `refusal.<code>` of the catalogues, with the keyword arguments as fields. The problem document also contains
    the fields that `shown` names.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    shown: ClassVar[tuple[str, ...]] = ()
    retry_after: ClassVar[int | None] = None  # seconds until another try may succeed

    def __init__(self, **fields: object) -> None:
        super().__init__(self.code)
        self.fields = fields

    @classmethod
    def pattern(cls, language: Language) -> str:
        """Return the sentence with its fields unfilled, for the description of the API."""
        return catalogues()[language].sentence(f"refusal.{cls.code}", count=2)

    @property
    def sentence(self) -> Sentence:
        """The sentence that people read."""
        return Sentence(f"refusal.{self.code}", self.fields)

    def text(self, language: Language) -> str:
        """Return the sentence for people, in one language."""
        return self.sentence.text(language)

    def __str__(self) -> str:
        return self.text(LOGS)


class Outage(AnbError):
    """A part of the platform failed. Trying again may help; if it fails repeatedly, an operator must look."""
