"""Charts: pictures of signals and prices. Pure: a sketch and what is known in, a picture out; only `drawing` needs matplotlib."""
