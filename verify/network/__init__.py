"""The network matrix: every endpoint that transfers bodies, over every kind of bad network, with public clients."""
