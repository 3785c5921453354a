import Testing

@Suite("Units") struct PlaceholderUnits {}
