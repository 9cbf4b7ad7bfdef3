"""Ingest: from the sources into the archive, by timetable, with progress and freshness."""
