"""ANB Rising Stars: a national basketball talent contest, from a phone's clip to the winners of each city."""
