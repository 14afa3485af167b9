"""The final answer in the text of a response."""

from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.answers.body import Body, answering
from potstill.verifiers.answers.marks import final_answer
from potstill.verifiers.answers.unmarked import last_value, numbers, unmarked

__all__ = ["Answer", "Body", "answering", "final_answer", "last_value", "numbers", "unmarked"]
