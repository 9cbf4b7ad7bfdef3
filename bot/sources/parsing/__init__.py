"""The reader kit: what every reader of a foreign document is made of.

`reader` marks a reader; `csv_lines`, `workbook`, `html_tables`, `xml_documents`, `zip_members` and
`json_fields` open documents; `table` finds headings and counts bad rows; `cells` and `symbols` read
cells; `own_date` reads how old a document says it is; `series_frame` makes frames.
"""
