"""Clients that send and fetch clips: unmodified public clients, used as their users do, and the answers they got."""
