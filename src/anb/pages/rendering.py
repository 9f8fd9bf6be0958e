"""Templates into HTML: everything is escaped, and a name a template does not know is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from anb.pages import assets, drawing

environment = Environment(
    loader=PackageLoader("anb.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
environment.filters |= {"court": drawing.court, "initials": drawing.initials}
environment.globals |= {"static": assets.address}


def render(template: str, **shown: object) -> str:
    """Return a page."""
    return environment.get_template(template).render(**shown)
