"""Types that several layers share. No database, no network, no clock."""
