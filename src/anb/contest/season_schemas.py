"""The HTTP schemas of seasons, for organizers."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from anb.contest.domain import CityRule, Phase, Season, SeasonCalendar, SeasonRules
from anb.contest.jury_schemas import JURY, JuryRulesSchema

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class CityNamed(BaseModel):
    """A city that takes part, and other ways to write it."""

    model_config = ConfigDict(from_attributes=True)

    name: Line
    spellings: list[Line] = Field([], max_length=50)


class RulesSchema(BaseModel):
    """The rules of a season."""

    model_config = ConfigDict(from_attributes=True)

    moderated: bool = Field(default=False, description="Clips are not published automatically.")
    asks_confirmation: bool = Field(default=True, description="Only people with a confirmed e-mail vote.")
    asks_consent: bool = Field(default=True, description="Clips wait for consent; a minor's for the guardian.")
    hide_reported: bool = Field(default=False, description="Enough reports hide a clip until organizers decide.")
    cities: list[CityNamed] | None = Field(None, min_length=1, max_length=2000, description="null: any city.")
    clips_per_player: int | None = Field(None, ge=1, le=1_000_000, description="null: no limit.")
    same_file_again: bool = Field(default=True, description="A player may send the very same file twice.")
    votes_per_day: int | None = Field(None, ge=1, le=1_000_000, description="Of a person; null: no limit.")
    winners_per_city: int = Field(3, ge=1, le=1000)
    jury: JuryRulesSchema | None = Field(None, description="null: no jury scores clips.")

    def rules(self) -> SeasonRules:
        """Return the rules."""
        fields = SeasonRules.__dataclass_fields__.keys() - {"cities", "jury"}
        values = {name: getattr(self, name) for name in fields}
        cities = None if self.cities is None else tuple(CityRule(c.name, tuple(c.spellings)) for c in self.cities)
        jury = None if self.jury is None else self.jury.rules()
        return SeasonRules(**values, cities=cities, jury=jury)


class CalendarSchema(BaseModel):
    """The moments of a season, each with its zone. The ones of a calendar that are null follow from the others."""

    model_config = ConfigDict(from_attributes=True)

    opened_at: AwareDatetime | None = Field(None, description="When uploads open; null: at once.")
    uploads_close_at: AwareDatetime | None = Field(None, description="null: when the season closes.")
    votes_open_at: AwareDatetime | None = Field(None, description="null: when uploads open.")
    closed_at: AwareDatetime | None = Field(None, description="When votes close; null: when an organizer closes it.")
    results_at: AwareDatetime | None = None
    jury_closes_at: AwareDatetime | None = Field(
        None, description="When the jury closes, until the results at the latest; null: with the votes."
    )

    def calendar(self) -> SeasonCalendar:
        """Return the calendar."""
        return SeasonCalendar(**{name: getattr(self, name) for name in SeasonCalendar.__dataclass_fields__})


# What the description of the API shows.
MOMENTS: JsonDict = {"opened_at": "2027-02-01T13:00:00Z", "closed_at": "2027-03-01T01:00:00Z"}
RULED: JsonDict = {
    "clips_per_player": 3,
    "votes_per_day": 20,
    "jury": JURY,
    "cities": [{"name": "Bogotá", "spellings": ["Santafé de Bogotá"]}],
}
WHY: JsonDict = {"reason": "Se anunció otra fecha."}


class NewSeason(BaseModel):
    """A season to be created."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Temporada 2", "calendar": MOMENTS, "rules": RULED}]}
    )

    name: Line
    calendar: CalendarSchema = CalendarSchema()
    rules: RulesSchema = RulesSchema()


class SeasonMoved(CalendarSchema):
    """Another calendar, whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [MOMENTS | WHY]})

    reason: Why = Field("", description="Needed once votes were cast.")


class SeasonRuled(RulesSchema):
    """Other rules, whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULED | WHY]})

    reason: Why = Field("", description="Needed once votes were cast.")


class SeasonEnded(BaseModel):
    """An early close."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHY]})

    reason: Why = ""


class SeasonReopened(BaseModel):
    """A closed season whose votes count again."""

    model_config = ConfigDict(json_schema_extra={"examples": [WHY]})

    closed_at: AwareDatetime | None = Field(None, description="When votes close again; null: by an organizer.")
    reason: Why


class SeasonShown(BaseModel):
    """A season."""

    slug: str
    name: str
    phase: Phase
    calendar: CalendarSchema
    rules: RulesSchema

    @classmethod
    def of(cls, season: Season) -> Self:
        """Show a season."""
        calendar, rules = CalendarSchema.model_validate(season), RulesSchema.model_validate(season)
        return cls(slug=season.slug, name=season.name, phase=season.phase, calendar=calendar, rules=rules)
