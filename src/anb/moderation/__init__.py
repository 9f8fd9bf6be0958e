"""Moderation: organizers publish clips that wait, hide public ones, and restore them."""
