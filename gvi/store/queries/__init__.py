"""Reads, one module for each noun; every function takes the viewer first."""
