import Testing

@Suite("Lowering") struct PlaceholderLowering {}
