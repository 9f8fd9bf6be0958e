"""The jury: each juror's queue of clips, their scores, and what follows from them."""
