"""Mail to people: an outbox in the database, a process that empties it, and the words of each mail."""
