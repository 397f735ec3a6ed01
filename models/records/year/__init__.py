"""The review of a year's measures for consistency: figures, charts, a report and a spreadsheet."""
