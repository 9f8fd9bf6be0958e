"""Videos: submit a clip, follow it, list, watch, delete."""
