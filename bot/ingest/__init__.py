"""From sources into the archive: what is due, what has to be fetched, and how far it is."""
