"""Inside the guests: what the lab puts into the image."""
