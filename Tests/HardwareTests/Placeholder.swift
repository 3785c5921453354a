import Testing

@Suite("Hardware") struct PlaceholderHardware {}
