import Testing

@Suite("Estimation") struct PlaceholderEstimation {}
