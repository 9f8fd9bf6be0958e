"""Implementations of the ports: storage, queue, credentials, media. Only `bootstrap` names an adapter."""
