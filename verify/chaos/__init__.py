"""Chaos tests: the whole platform under load while its parts are killed, followed by a check of its promises."""
