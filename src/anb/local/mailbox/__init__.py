"""The mailbox of a laptop: catches every mail that `anb up` sends, and shows it on a page of this machine."""
