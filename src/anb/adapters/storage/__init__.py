"""Files on the shared storage."""
