"""What every HTTP door shares: who calls, the unit of work, problems, pages of lists."""
