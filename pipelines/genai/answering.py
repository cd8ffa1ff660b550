"""How a released assistant answers a person: its chain, and a line of the traffic log about a share of the answers.

What is logged is masked and carries the trace and the version of the chain, so that an answer can be explained later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from pipelines.genai.chain import Chain
from pipelines.genai.drift.traffic import Logged
from pipelines.genai.functions import mask_personal_data
from pipelines.genai.scoring import retrieved
from pipelines.genai.writer import Writer


@dataclass(frozen=True)
class Assistant:
    """A chain and the model behind it. A `share` of the answers is logged, chosen by their traces."""

    chain: Chain
    writer: Writer
    share: float = 1.0

    def answer(self, question: str, day: date) -> tuple[str, Logged | None]:
        """The answer, and what the log keeps of it. Raises ModelFailed."""
        said, spans = self.chain.run({"question": question}, self.writer, trace=uuid4().hex)
        trace = spans[0].trace_id
        if int(trace[16:], 16) >= self.share * 2**64:
            return str(said), None
        passages = [{"id": one["id"], "text": one["text"]} for one in retrieved(spans)]
        logged = Logged(
            question=mask_personal_data(question), answer=mask_personal_data(str(said)), day=day.isoformat(),
            passages=passages, trace=trace, chain=self.chain.version,
        )  # fmt: skip
        return str(said), logged
