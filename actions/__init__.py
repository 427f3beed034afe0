"""Rasa's custom actions; each is a thin call into `bot`."""

from actions.asking import (
    ActionAskChosenSlot,
    ActionAskContact,
    ActionAskFirstName,
    ActionAskPreferredTime,
    ActionAskService,
)
from actions.booking import (
    ActionBookConsultation,
    ActionCancelBooking,
    ActionForgetBooking,
    ActionMyVisit,
)
from actions.changing import ActionChangeBooking
from actions.consultation_form import ValidateConsultationForm
from actions.replies import (
    ActionAffirm,
    ActionDetail,
    ActionJoinWaitlist,
    ActionNoteRequest,
    ActionPickedNumber,
    ActionStop,
)

__all__ = ["ActionAffirm", "ActionAskChosenSlot", "ActionAskContact", "ActionAskFirstName", "ActionAskPreferredTime",
           "ActionAskService", "ActionBookConsultation", "ActionCancelBooking", "ActionChangeBooking", "ActionDetail",
           "ActionForgetBooking", "ActionJoinWaitlist", "ActionMyVisit", "ActionNoteRequest", "ActionPickedNumber",
           "ActionStop", "ValidateConsultationForm"]
