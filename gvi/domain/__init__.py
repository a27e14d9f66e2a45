"""Rules and vocabulary of the field; standard library only, no database, no web, no clock."""
