"""The public log of votes: an append-only Merkle tree per season, from which anyone can count again."""
