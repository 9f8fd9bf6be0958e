"""The sandbox for programs that open players' files."""
