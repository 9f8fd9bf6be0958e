"""Consents: the data policy, who agreed to which version of it, and the guardians of minors."""
