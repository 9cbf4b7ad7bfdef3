"""Holdings of large managers from their quarterly 13F reports."""
