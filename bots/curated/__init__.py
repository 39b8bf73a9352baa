"""Says when two questions are the same: spelled alike, or nearly alike in meaning with the same words that matter.

A wrong answer given with the authority of a person is worse than none, so this errs on the side of asking the model.
Vectors alone cannot tell "before meals" from "after meals" (cosine .95): they only choose and confirm; the words
decide. What is left over are the ways of putting the same words: "opening hours", "What are your opening hours?".
"""

from bots.curated.meaning import LONGEST_MEANT, THRESHOLD, is_meant_alike, may_be_meant
from bots.curated.spelling import normalized

__all__ = ["LONGEST_MEANT", "THRESHOLD", "is_meant_alike", "may_be_meant", "normalized"]
