"""From an original to its edit: what a clip holds, whether the rules accept it, what FFmpeg must do, and doing it."""
