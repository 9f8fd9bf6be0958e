"""Clusters: accounts that seem to belong to the same person, found from signals, for organizers to review."""
