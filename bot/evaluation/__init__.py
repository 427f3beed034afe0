"""How good the assistant is, measured: the safety card."""
