"""Challenges: a proof of work (ALTCHA) that a device gives before an act that programs repeat."""
