"""The lab's proofs: one promise per file, with its goal, its figure and its verdict."""
