"""What nginx itself refuses, as problem documents like the application's own."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class NginxProblem:
    """One refusal: nginx's statuses it stands for, the status people get, and its sentence."""

    replaces: tuple[int, ...]
    status: int
    code: str
    es: str
    en: str

    @property
    def name(self) -> str:
        """Return what the configuration calls it."""
        return f"{self.code.replace('-', '_')}_{self.status}"

    @property
    def title(self) -> str:
        """Return the standard words for the status."""
        return HTTPStatus(self.status).phrase

    @property
    def passes(self) -> bool:
        """Say whether trying again later may help."""
        return self.status in {429, 502, 503, 504}


PROBLEMS = (
    NginxProblem((400,), 400, "bad-request", "La solicitud no se entiende.", "The request cannot be understood."),
    # What a link or its target hides is no business of the one who asks.
    NginxProblem(
        (403, 404), 404, "not-found", "No encontramos lo que buscas.", "We cannot find what you are looking for."
    ),
    NginxProblem((405,), 405, "method-not-allowed", "Este método no existe aquí.", "This method does not exist here."),
    NginxProblem((408,), 408, "too-slow", "La solicitud tardó demasiado en llegar.", "The request came too slowly."),
    NginxProblem(
        (413,), 413, "body-too-large", "Envías más datos de los permitidos.", "You send more than is allowed."
    ),
    NginxProblem((414,), 414, "address-too-long", "La dirección es demasiado larga.", "The address is too long."),
    NginxProblem((416,), 416, "no-such-range", "El archivo no tiene esa parte.", "The file has no such part."),
    NginxProblem((429,), 429, "too-many-requests", "Vas muy rápido. Espera un momento.", "Too fast. Wait a moment."),
    NginxProblem((494,), 431, "headers-too-large", "La solicitud trae demasiados datos.", "The headers are too large."),
    NginxProblem(
        (500,), 500, "internal", "Algo falló de nuestro lado; ya quedó registrado.", "We failed; it has been recorded."
    ),
    *(
        NginxProblem(
            (status,),
            status,
            "unavailable",
            "El servicio no responde en este momento. Inténtalo de nuevo en unos segundos.",
            "The service does not answer right now. Try again in a few seconds.",
        )
        for status in (502, 503, 504)
    ),
    NginxProblem(
        (507,),
        507,
        "no-room",
        "En este momento no podemos recibir más videos. Inténtalo más tarde.",
        "We cannot take more videos right now. Try again later.",
    ),
)


def too_many_bytes(limit: int) -> NginxProblem:
    """Return the refusal of an upload over so many bytes: 400 by contract, whoever notices it."""
    megabytes = limit // (1024 * 1024)
    return NginxProblem(
        (413,),
        400,
        "too-many-bytes",
        f"Tu archivo pasa de {megabytes} MB, el máximo permitido.",
        f"Your file is over {megabytes} MB, the most that is allowed.",
    )
