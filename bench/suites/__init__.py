"""The suites: each starts what it needs, measures, and leaves nothing."""
