"""One cog for each group of commands: parse, defer, call the core, render.

No rules of the product here.
"""
