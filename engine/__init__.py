"""Milepost: an event-driven customer-care engine (see docs/explanation/architecture.md)."""

__version__ = "0.1.0"
