"""Compare files with rows: files without a row, and rows without their file."""
