"""Is this person in danger? Any text in, a `Screening` out. Knows neither Django nor Rasa."""

from .screen import Screen, load_screen
from .training import TrainingReport, is_fresh, train_screen
from .verdict import Category, Reason, Screening, Subject, Tier

__all__ = ["Category", "Reason", "Screen", "Screening", "Subject", "Tier", "TrainingReport", "is_fresh",
           "load_screen", "train_screen"]
