"""The long security checks: `make security`."""
