"""Who fulfils the ports: shared disk, queue, credentials, FFmpeg; only `bootstrap` names them."""
