"""A generated contest, and what is measured of it."""
