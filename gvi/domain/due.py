"""What is due: one list over call-ins, notifications, support, requests and actions (design §1)."""

from enum import StrEnum


class DueKind(StrEnum):
    """Which of the programme's things a line of the list of everything due is about."""

    CALL_IN = "call_in"
    CUSTOM_NOTIFICATION = "custom_notification"
    CONTACT = "contact"
    CALL_BACK = "call_back"
    DISCLOSURE_REQUEST = "disclosure_request"
    ACTION = "action"
