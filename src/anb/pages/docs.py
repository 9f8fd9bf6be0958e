"""The API's documentation: /api/openapi.json as Redoc shows it, from our own files, without third parties."""

from fastapi import APIRouter, Response

from anb.pages.view import ViewDep

router = APIRouter(include_in_schema=False)

# Redoc makes `<style>` elements: empty ones that it fills by script, and one for its scroll bars. Only these are
# allowed, by the hashes of their content.
STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


@router.api_route("/api/docs", methods=["GET", "HEAD"])
def show_docs(view: ViewDep) -> Response:
    """Show every endpoint, its parameters, and all its answers."""
    return view.show("docs.html", styles=" ".join(("'self'", *STYLES)), images="'self' data:")
