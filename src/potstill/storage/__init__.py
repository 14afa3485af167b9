"""What lies on disk: tables in parts, manifests, events, and the journal of model calls."""
