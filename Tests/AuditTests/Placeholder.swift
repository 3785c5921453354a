import Testing

@Suite("Audit") struct PlaceholderAudit {}
