import Testing

@Suite("Model") struct PlaceholderModel {}
