"""What people can ask, without a Discord word: typed arguments in, a `Reply` or a `UserError` out."""
