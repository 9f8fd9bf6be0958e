"""Clips as phones and browsers make them, what becomes of each, and judges of an edit's pictures."""
