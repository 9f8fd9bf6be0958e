"""What organizers and administrators do to people's accounts."""
