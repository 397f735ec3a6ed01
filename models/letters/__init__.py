"""Letters to people about measures: built from the record, in both languages and in Easy Read, then set as pages or mail."""
