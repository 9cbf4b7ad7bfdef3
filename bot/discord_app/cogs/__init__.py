"""One cog for each group of commands: parse, defer, call the core, render. No rule of the product lives here."""
