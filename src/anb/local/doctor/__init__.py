"""Checks that `anb doctor` runs."""
