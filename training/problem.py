"""One problem of a task: what is asked, how it is worked out, and what is needed to judge every step."""
from dataclasses import dataclass, field

PROMPT = "Question: {}\nAnswer:"  # also the chat template in the GGUF file
BASE2 = "All numbers are in base 2. "


@dataclass
class Problem:
    task: str
    key: str        # canonical: the same for the same problem under any wording
    question: str
    chain: str      # the worked answer, ends in "So the answer is X."
    answer: str
    meta: dict = field(default_factory=dict)  # truth and factors, for the prompt files

    @property
    def text(self):
        """The document as the model sees it."""
        return f"{PROMPT.format(self.question)} {self.chain}"


def finish(steps, answer):
    """The chain of these steps: sentences, and the answer."""
    return " ".join(s + "." for s in steps) + f" So the answer is {answer}."
