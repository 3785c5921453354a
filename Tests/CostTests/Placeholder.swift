import Testing

@Suite("Cost") struct PlaceholderCost {}
