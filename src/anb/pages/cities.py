"""The cities that forms offer: those of the season's list, or suggestions where any city takes part."""

from typing import NamedTuple

from anb.accounts.domain import fold
from anb.contest import seasons
from anb.contest.domain import CityRule
from anb.db.session import UnitOfWork

# The capitals of Colombia's departments, and other large cities.
_LARGE = (
    "Arauca", "Armenia", "Barrancabermeja", "Barranquilla", "Bello", "Bogotá", "Bucaramanga", "Buenaventura", "Cali",
    "Cartagena", "Cúcuta", "Florencia", "Ibagué", "Inírida", "Leticia", "Manizales", "Medellín", "Mitú", "Mocoa",
    "Montería", "Neiva", "Palmira", "Pasto", "Pereira", "Popayán", "Puerto Carreño", "Quibdó", "Riohacha",
    "San Andrés", "San José del Guaviare", "Santa Marta", "Sincelejo", "Soacha", "Soledad", "Tumaco", "Tunja",
    "Valledupar", "Villavicencio", "Yopal",
)  # fmt: skip


class Places(NamedTuple):
    """The cities of a form."""

    listed: tuple[CityRule, ...]
    only: bool  # whether no other city takes part

    @property
    def names(self) -> list[str]:
        """Their names, in the order of the list."""
        return [city.name for city in self.listed]

    def named(self, typed: str) -> str | None:
        """Return a city as the list writes it, whatever its spelling; None if it is not there."""
        known = {fold(each): city.name for city in self.listed for each in (city.name, *city.spellings)}
        return known.get(fold(typed))


def places(uow: UnitOfWork) -> Places:
    """Return the cities that a form offers."""
    listed = seasons.cities(uow)
    return Places(tuple(map(CityRule, _LARGE)), only=False) if listed is None else Places(listed, only=True)
