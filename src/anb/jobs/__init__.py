"""Jobs: the promise of an edit, kept as a row; the queue only wakes a worker."""
