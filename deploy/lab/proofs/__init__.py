"""What the lab proves: a promise a file, each with its goal, its figure and its verdict."""
