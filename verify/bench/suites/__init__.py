"""The suites: each starts what it needs, measures, and cleans up."""
