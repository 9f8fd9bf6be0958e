"""Second factors: passkeys, one-time passwords, recovery codes, and the step between a password and a session."""
