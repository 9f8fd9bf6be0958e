"""Makes small changes to the code and checks whether a test fails (docs/how-to/mutation.md)."""
