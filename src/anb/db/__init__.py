"""The database: the unit of work, the tables and their migrations."""
