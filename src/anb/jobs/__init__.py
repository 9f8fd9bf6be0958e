"""Jobs: the promise that a clip gets its edit, kept as a row; the queue only wakes somebody."""
