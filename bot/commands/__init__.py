"""The commands, independent of Discord: typed arguments in, a `Reply` or a `UserError` out."""
