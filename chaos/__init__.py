"""Chaos: the whole platform under steady load while parts of it die, and what was promised is counted afterwards."""
