"""The HTTP schemas of a jury's rules, which are among the rules of a season."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from anb.contest.jury_rules import Criterion, JuryRules

MOST_CRITERIA = 8
HIGHEST = 10  # so that each mark has a key, and a button that fits on a phone

CriterionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=30)]
Said = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
# What the description of the API shows.
JURY: JsonDict = {
    "criteria": [
        {"name": "technique", "weight": 3, "es": "Técnica", "en": "Technique"},
        {"name": "creativity", "weight": 1, "es": "Creatividad", "en": "Creativity"},
    ],
    "lowest": 1,
    "highest": 10,
    "blind": True,
}


class CriterionSchema(BaseModel):
    """What a juror scores a clip for."""

    model_config = ConfigDict(from_attributes=True)

    name: CriterionName
    weight: int = Field(1, ge=1, le=100)
    es: Said = Field(description="In Spanish, for jurors.")
    en: Said = Field(description="In English, for jurors.")


class JuryRulesSchema(BaseModel):
    """The criteria of a jury, and the scale of its marks."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [JURY]})

    criteria: list[CriterionSchema] = Field(min_length=1, max_length=MOST_CRITERIA)
    lowest: int = Field(1, ge=0, le=HIGHEST - 1)
    highest: int = Field(HIGHEST, ge=1, le=HIGHEST)
    blind: bool = Field(default=True, description="Jurors see no title, name, city or count.")

    @model_validator(mode="after")
    def check(self) -> Self:
        """Check that the names differ, and that the scale has two marks. Raises ValueError."""
        if len({each.name for each in self.criteria}) < len(self.criteria) or self.lowest >= self.highest:
            raise ValueError("names of criteria differ, and the lowest mark is below the highest")
        return self

    def rules(self) -> JuryRules:
        """Return the rules."""
        criteria = tuple(Criterion(each.name, each.weight, each.es, each.en) for each in self.criteria)
        return JuryRules(criteria, self.lowest, self.highest, self.blind)
