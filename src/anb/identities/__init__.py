"""Identities: sign-in by OpenID Connect, with issuers that an operator names."""
