"""Counting: a loop that seals whatever awaits the log of votes, and a job that compares rows, tallies and log."""
