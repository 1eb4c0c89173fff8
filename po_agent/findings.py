"""What a check of the installation finds: in order, to be mended, or to be looked at."""

from domain.errors import AgentError
from domain.value import Value


class NotInOrder(AgentError):
    """Mend this and check again:"""

    code = "not_in_order"


class Doubtful(AgentError):
    """This may be all right, and only a person can tell:"""

    code = "doubtful"


class Finding(Value):
    """One question and its answer. A `warning` is not in order for certain, but does not keep the program from working."""

    name: str
    ok: bool
    warning: bool = False
    detail: str
