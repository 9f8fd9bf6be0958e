"""Accounts: who people are, how they sign up and in, and what they may do."""
