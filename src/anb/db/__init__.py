"""The database: the unit of work, the tables, and how they came to be."""
