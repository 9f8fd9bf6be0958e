"""The client of OpenID Connect: Authlib's checks of claims, our own limits on everything that an issuer sends."""
