import Testing

@Suite("Graph") struct PlaceholderGraph {}
