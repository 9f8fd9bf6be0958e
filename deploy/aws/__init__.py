"""The stack on AWS: a template synthesised without an account, and its deployment."""
