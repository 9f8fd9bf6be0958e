"""Checks of the platform from outside, in addition to its tests."""
