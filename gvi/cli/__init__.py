"""The gvi command."""
