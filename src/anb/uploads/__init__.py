"""Resumable uploads (tus 1.0.0): bytes that survive a cut, a killed server, and a client that comes back late."""
