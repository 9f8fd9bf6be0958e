"""The HTTP schemas of results."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from anb.results.domain import FinalPlace, Results
from anb.results.exports import shown_name


class PlaceShown(BaseModel):
    """A player's final place."""

    position: int
    player_id: UUID
    player: str = Field(description="The player's name at the close, or that of an erased account.")
    username: str | None = Field(description="null once the account is erased.")
    city: str
    city_position: int
    winner: bool
    votes: int = Field(description="Votes of the public.")
    jury_votes: int
    tied: bool = Field(description="Another player of the country has as many votes.")
    city_tied: bool = Field(description="Another player of the city has as many votes.")
    reached_index: int = Field(
        description="The entry of the log with which the player had these votes. Of a tie, the lower one is ahead."
    )
    jury_position: int | None = Field(description="By the jury's scores; null without any.")
    jury_points: int | None = Field(description="Thousandths of the jury's mean.")

    @classmethod
    def of(cls, place: FinalPlace) -> "PlaceShown":
        """Show a place."""
        same = {name: getattr(place, name) for name in cls.model_fields if name not in {"player", "winner"}}
        return cls(**same, player=shown_name(place), winner=place.is_winner)


class VersionShown(BaseModel):
    """A version of the results: there is one for each close of the season."""

    version: int
    closed_at: datetime
    due_at: datetime
    superseded: bool = Field(description="A later version exists, or the season was reopened.")

    @classmethod
    def of(cls, results: Results) -> "VersionShown":
        """Show a version."""
        return cls(
            version=results.version,
            closed_at=results.closed_at,
            due_at=results.due_at,
            superseded=results.is_superseded,
        )


class ResultsShown(VersionShown):
    """The results of a season: its winners, and a page of the whole ranking."""

    season: str = Field(description="The slug.")
    name: str
    winners_per_city: int
    players: int
    log_origin: str
    log_size: int
    log_root: str = Field(description="SHA-256 of the log's tree at the close, in hexadecimal.")
    note: str = Field(description="The signed note that binds these results to the log (C2SP signed-note).")
    versions: list[VersionShown]
    winners: list[PlaceShown]
    places: list[PlaceShown]

    @classmethod
    def whole(
        cls, results: Results, versions: list[Results], winners: list[FinalPlace], places: list[FinalPlace]
    ) -> "ResultsShown":
        """Show results."""
        return cls(
            **VersionShown.of(results).model_dump(),
            season=results.slug,
            name=results.season,
            winners_per_city=results.winners_per_city,
            players=results.players,
            log_origin=results.origin,
            log_size=results.log_size,
            log_root=results.log_root.hex(),
            note=results.note,
            versions=[VersionShown.of(one) for one in versions],
            winners=[PlaceShown.of(place) for place in winners],
            places=[PlaceShown.of(place) for place in places],
        )
