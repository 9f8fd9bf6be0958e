"""Accounts: people, their sign-up and sign-in, and their roles."""
