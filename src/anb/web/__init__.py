"""Shared parts of all HTTP endpoints: the caller, the unit of work, problem documents, pages of lists."""
