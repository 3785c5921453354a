import Testing

@Suite("stepcast") struct Placeholderstepcast {}
