"""`make crowd-votes`: processes vote through nginx while parts of the platform die; each vote must count once."""
