import Graph
import Parallelism

extension StageProgram {
  /// The program with what options of the step put around whole layers, pass by pass.
  func withStepOptions(_ shape: LocalShape, chunks: Int, in works: inout WorkTable)
    -> StageProgram
  {
    guard shape.trains else { return self }
    var program = self
    if shape.configuration.sharding == .parameters {
      program = ParameterSharding(shape, of: program, chunks: chunks).applied(in: &works)
    }
    if shape.configuration.activationOffloadLayers > 0 {
      program = ActivationOffload(
        program, layersPerChunk: shape.configuration.activationOffloadLayers,
        chunks: chunks
      ).applied(in: &works)
    }
    return program
  }
}

extension Tape {
  /// The tape with what options of the step do to single operations, pass by pass.
  func withStepOptions(_ shape: LocalShape) -> Tape {
    let configuration = shape.configuration
    let split =
      configuration.overlapsTensor && shape.trains
      ? overlappingTensor(parts: shape.plan.tensor) : self
    return split.quantizing(configuration.precision)
  }
}
