import Testing

@Suite("Analysis") struct PlaceholderAnalysis {}
