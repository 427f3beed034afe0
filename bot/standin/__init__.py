"""What stands in for Twilio while there is no account: its REST API, its webhooks, and phones.

A server of its own that answers as Twilio does, errors included, so that the same client library,
signatures and callbacks are used here as there. It knows nothing of the assistant.
"""
