"""The fraud simulation: farms, bought votes, a viral clip and a school, through the rules and a real database."""
