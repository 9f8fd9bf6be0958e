"""Refusals of invalid fields: which fields of a request are wrong, and the sentences for people."""

from collections.abc import Mapping

from anb.errors import Refusal
from anb.sentences import Language, Sentence, is_known


class InvalidField(Refusal):
    """A field of the request is missing or has an invalid value."""

    code = "invalid-field"

    def __init__(self, findings: Mapping[str, Sentence]) -> None:
        super().__init__(fields=", ".join(findings))
        self.findings = findings

    def spoken(self, language: Language) -> list[dict[str, str]]:
        """Return each field with its sentence."""
        return [{"field": field, "message": text.text(language)} for field, text in self.findings.items()]


def finding(kind: str, fields: Mapping[str, object] | None = None) -> Sentence:
    """Return the sentence for an invalid value: `kind` is pydantic's name, or that of one of our rules."""
    key = f"field.{kind}"
    return Sentence(key if is_known(key) else "field.value_error", fields or {})
