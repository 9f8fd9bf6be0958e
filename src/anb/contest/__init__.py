"""The contest: seasons, the public's and the jury's votes, the ranking by city."""
