"""FFmpeg and libav, in the sandbox."""
