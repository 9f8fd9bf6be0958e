"""Sessions: where people and their programs are signed in, until they or we end it."""
