"""Live streams: server-sent events of jobs and public lists, in a separate process so that they never block pages."""
