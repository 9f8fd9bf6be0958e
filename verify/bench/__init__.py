"""The suites of `make bench`: each figure is compared with its limit, measured in the same run."""
