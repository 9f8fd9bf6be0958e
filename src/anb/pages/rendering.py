"""Renders templates as HTML: every value is escaped, and an unknown name is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from anb.pages import assets, drawing


def isolated(text: str) -> str:
    """Isolate the writing direction of a name where <bdi> is not possible: in a sentence, in an attribute."""
    return f"\u2068{text}\u2069"


environment = Environment(
    loader=PackageLoader("anb.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
environment.filters |= {"court": drawing.court, "initials": drawing.initials, "isolated": isolated}
environment.globals |= {"static": assets.address}


def render(template: str, **shown: object) -> str:
    """Return a page."""
    return environment.get_template(template).render(**shown)
