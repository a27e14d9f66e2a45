"""GVI Tracker: groups, people, incidents, promises and support of one Group Violence Intervention programme."""
