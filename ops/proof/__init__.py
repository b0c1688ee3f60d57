"""The proof, from outside: nothing lost, nothing twice, nothing reordered, nothing rewritten, nothing invented.

proof = await prove(Endpoints.read(path))
assert proof.holds, proof.findings
"""

from ops.proof.whole import Proof, prove

__all__ = ["Proof", "prove"]
