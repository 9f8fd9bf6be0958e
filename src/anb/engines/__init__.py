"""The engines of the platform: their programs, and the configuration that a laptop and a server share."""
