"""What alerts say: in their messages, in lists and beside the fields of forms."""
