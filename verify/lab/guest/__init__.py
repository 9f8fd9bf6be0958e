"""Files that the lab puts into the guests' image."""
