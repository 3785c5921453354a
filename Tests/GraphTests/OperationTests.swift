import Graph
import Testing

@Suite("operation")
struct OperationTests {
  @Test("an operation is 28 bytes")
  func size() {
    #expect(MemoryLayout<Operation>.stride <= 28)
  }

  @Test("it describes itself by kind, pass and place")
  func description() {
    let operation = Operation(
      kind: .queryKeyValue, pass: .weightGradient, stream: .compute, layer: 3, microbatch: 0,
      work: 0)
    #expect(operation.description == "query_key_value weight_gradient, layer 3, microbatch 0")
    let step = Operation(kind: .optimizer, pass: .step, stream: .compute, work: 0)
    #expect(step.description == "optimizer step")
    #expect(step.layer == nil && step.microbatch == nil)
  }

  @Test("every kind has a label of its own that leads back to it")
  func labels() {
    for kind in OperationKind.allCases { #expect(OperationKind(label: kind.label) == kind) }
    #expect(OperationKind(label: "no_such_kind") == nil)
  }

  @Test("placing changes the microbatch and partner only")
  func placed() {
    let operation = Operation(
      kind: .sendActivation, pass: .forward, stream: .pipelineSend, meeting: .send, layer: 2,
      chunk: 1, microbatch: 0, work: 5, partner: 7, peer: 3)
    let other = operation.placed(microbatch: 4, partner: 9)
    #expect(other.microbatch == 4 && other.partner == 9)
    #expect(other.placed(microbatch: 0, partner: 7) == operation)
  }
}
