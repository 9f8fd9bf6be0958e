"""Clips that combine independent properties, judged by the meaning of the combination (decision 0038)."""
