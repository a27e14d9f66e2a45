"""Files in and out; pure parsing and formatting, no database."""
