"""From an original to its edit: probe a clip, judge it by the rules, plan the edit, and run FFmpeg."""
