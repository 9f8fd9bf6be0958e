"""Starts the services of the stack, watches them, and restarts those that die."""
