"""Files against rows: what no row knows, and what a row misses."""
