"""The cities that forms suggest."""

# The capitals of Colombia's departments, and other large cities.
_LARGE = (
    "Arauca", "Armenia", "Barrancabermeja", "Barranquilla", "Bello", "Bogotá", "Bucaramanga", "Buenaventura", "Cali",
    "Cartagena", "Cúcuta", "Florencia", "Ibagué", "Inírida", "Leticia", "Manizales", "Medellín", "Mitú", "Mocoa",
    "Montería", "Neiva", "Palmira", "Pasto", "Pereira", "Popayán", "Puerto Carreño", "Quibdó", "Riohacha",
    "San Andrés", "San José del Guaviare", "Santa Marta", "Sincelejo", "Soacha", "Soledad", "Tumaco", "Tunja",
    "Valledupar", "Villavicencio", "Yopal",
)  # fmt: skip


def places() -> tuple[str, ...]:
    """Return the cities that a form suggests."""
    return _LARGE
