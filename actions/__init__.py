"""Rasa's custom actions; each is a thin call into `bot`."""

from actions.booking import (
    ActionAskChosenSlot,
    ActionBookConsultation,
    ActionCancelBooking,
    ActionChangeBooking,
    ActionForgetBooking,
)
from actions.consultation_form import ValidateConsultationForm

__all__ = ["ActionAskChosenSlot", "ActionBookConsultation", "ActionCancelBooking", "ActionChangeBooking",
           "ActionForgetBooking", "ValidateConsultationForm"]
