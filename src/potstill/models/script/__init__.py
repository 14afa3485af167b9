"""What the scripted teacher does, from a request's body to the bytes of its reply."""

from potstill.models.script.script import FAULTS, QUIRKS, Fault, Quirk, Script, fault_of

__all__ = ["FAULTS", "QUIRKS", "Fault", "Quirk", "Script", "fault_of"]
