"""Signals: from which devices, networks and mailboxes accounts are used, as keyed hashes, to find fraud in votes."""
