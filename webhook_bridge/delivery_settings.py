"""How delivery tries: times, bounds, and the template for WhatsApp."""

from datetime import timedelta

from webhook_bridge.window import Template


class DeliverySettings:
    """Times in seconds. `backoff` doubles from one attempt to the next, up to `backoff_most`.

    `post`: the longest that one POST takes. `readback`: how long Chatwoot may take after it to store what it did not
    acknowledge. `outage_most`: the longest wait between looks at a Chatwoot that is down. `whatsapp_template`: see
    `Template.parse`, whose `ValueError` is raised.
    """

    def __init__(
        self,
        *,
        lease_seconds: float = 60,
        max_attempts: int = 10,
        backoff_seconds: float = 2,
        backoff_most_seconds: float = 300,
        outage_most_seconds: float = 30,
        concurrency: int = 8,
        poll_seconds: float = 1,
        readback_seconds: float = 30,
        post_seconds: float = 15,
        whatsapp_template: str | None = None,
    ) -> None:
        self.lease = timedelta(seconds=lease_seconds)
        self.max_attempts = max_attempts
        self.backoff = timedelta(seconds=backoff_seconds)
        self.backoff_most = timedelta(seconds=backoff_most_seconds)
        self.outage_most = timedelta(seconds=outage_most_seconds)
        self.concurrency = concurrency
        self.poll_seconds = poll_seconds
        self.readback = timedelta(seconds=readback_seconds)
        # Who takes a message over from a bridge that died while it posted finds what that post still led to.
        self.post_lease = max(self.lease, self.readback + timedelta(seconds=post_seconds))
        self.whatsapp_template = Template.parse(whatsapp_template) if whatsapp_template else None
