"""Resumable uploads (tus 1.0.0): they survive a lost connection, a killed server, and a client that returns late."""
