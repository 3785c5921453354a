import Testing

@Suite("Simulation") struct PlaceholderSimulation {}
