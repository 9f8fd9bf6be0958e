"""Deploys the document's three servers and database: the same hosts on AWS and in a lab on one machine."""
