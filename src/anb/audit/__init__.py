"""The audit trail: what organizers, administrators and operators did, chained by hash so that no change goes unseen."""
