"""Operators: what those who run the platform see of it and do to it, whatever room it lies in."""
