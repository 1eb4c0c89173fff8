"""The error of a model that gives no reading. Apart, so that catching it loads no client library."""

from domain.errors import UpstreamError
from domain.understanding import ModelUsage


class ModelUnavailable(UpstreamError):
    """The language model gave no usable answer in time: the offline reading is used, or the turn is tried again.

    `usage` is what was spent all the same.
    """

    code = "model_unavailable"

    def __init__(self, detail: str = "", *, usage: ModelUsage | None = None) -> None:
        super().__init__(detail)
        self.usage = usage
