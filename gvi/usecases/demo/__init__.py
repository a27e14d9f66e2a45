"""The invented town: generated, seeded, the same every time for the same day and seed."""

from gvi.usecases.demo.load import load

__all__ = ["load"]
