"""The one IAM evaluator: who may do what where, from allow, deny and boundary policies, with the reason."""

from sandbox.iam.decision import Answer, Decision, decide
from sandbox.iam.policies import Held, Policies

__all__ = ["Answer", "Decision", "Held", "Policies", "decide"]
