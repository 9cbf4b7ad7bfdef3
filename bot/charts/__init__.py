"""Charts: pictures of signals and prices.

Pure: request and data in, a picture out; only `render` needs matplotlib.
"""
