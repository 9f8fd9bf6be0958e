"""Settings as people may read them: without the secrets in them."""


def shown(name: str, value: object) -> str:
    """Write a setting without its secret: passwords in addresses are as secret as keys."""
    text = str(value)
    if name.endswith("_url") and "@" in text:
        scheme, _, rest = text.partition("://")
        text = f"{scheme}://***@{rest.rpartition('@')[2]}"
    if "password=" in text:
        return text.partition("password=")[0] + "password=***"
    return text
