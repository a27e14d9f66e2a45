"""GVI Tracker: groups, people, incidents, promises and support of one GVI programme."""
