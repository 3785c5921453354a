import Testing

@Suite("Interop") struct PlaceholderInterop {}
