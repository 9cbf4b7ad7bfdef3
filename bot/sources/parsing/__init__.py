"""Parsers that several sources share: CSV lines, series, symbols, workbooks."""
