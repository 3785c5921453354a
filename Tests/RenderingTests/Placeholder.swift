import Testing

@Suite("Rendering") struct PlaceholderRendering {}
