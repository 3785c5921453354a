import Testing

@Suite("Memory") struct PlaceholderMemory {}
