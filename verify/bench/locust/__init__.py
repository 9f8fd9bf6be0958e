"""The crowds as a script for Locust."""
