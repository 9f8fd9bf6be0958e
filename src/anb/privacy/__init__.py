"""A person's rights over their data: withdraw a clip, take everything along, leave; and how long data is kept."""
