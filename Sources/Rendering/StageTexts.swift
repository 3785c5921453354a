import Graph
import Parallelism
import Units

/// The selected operations of a stage program with the attributes that all its ranks share, as text.
struct StageTexts {
  /// What a node line needs beside its text.
  struct Entry {
    let operation: Int32
    /// Index into `families`; -1 without a collective.
    let family: Int16
    /// The partner's stage of a send or receive; -1 for others.
    let peerStage: Int16
    let partner: Int32
    let text: Range<Int>
  }

  private(set) var entries: [Entry] = []
  /// All texts after one another.
  private(set) var bytes: [UInt8] = []
  /// The families of groups whose collectives the stage calls.
  private(set) var families: [GroupFamily] = []
  /// For every operation of the program, whether it is wanted.
  let isSelected: [Bool]
  /// Dependencies inside a rank with one end left out.
  private(set) var cutDependencies = 0

  init(_ graph: StepGraph, program: StageProgram, selection: DOTSelection) {
    isSelected = program.operations.map(selection.includes)
    var rowOfFamily = [Int16](repeating: -1, count: GroupFamily.allCases.count)
    for (index, operation) in program.operations.enumerated() {
      for dependency in program.dependencies(of: index)
      where isSelected[index] != isSelected[Int(dependency)] {
        cutDependencies += 1
      }
      guard isSelected[index] else { continue }
      var family: Int16 = -1
      var peerStage: Int16 = -1
      switch operation.meeting {
      case .none: break
      case .send, .receive: peerStage = Int16(operation.peer)
      case .collective(let met):
        if rowOfFamily[Int(met.rawValue)] < 0 {
          rowOfFamily[Int(met.rawValue)] = Int16(families.count)
          families.append(met)
        }
        family = rowOfFamily[Int(met.rawValue)]
      }
      let begin = bytes.count
      bytes.append(contentsOf: attributes(of: operation, graph.works[operation.work]).utf8)
      entries.append(
        Entry(
          operation: Int32(index), family: family, peerStage: peerStage,
          partner: Int32(operation.partner), text: begin..<bytes.count))
    }
  }
}

/// The attributes of a node that do not depend on its rank.
private func attributes(of operation: Operation, _ work: Work) -> String {
  var text = " [label=\(dotQuoted(operation.description)) kind=\(operation.kind.label)"
  text += " pass=\(operation.pass.label) stream=\"\(operation.stream.label)\""
  if let layer = operation.layer { text += " layer=\(layer)" }
  text += " chunk=\(operation.chunk)"
  if let microbatch = operation.microbatch { text += " microbatch=\(microbatch)" }
  switch work {
  case .collective(let collective):
    text += " operation=\(collective.operation.rawValue) axis=\(collective.family.label)"
    text += " bytes_in=\(collective.input.count) bytes_out=\(collective.output.count)"
  case .transfer(let bytes): text += " bytes=\(bytes.count)"
  case .matrixMultiply, .groupedMatrixMultiply, .attention, .memoryBound: break
  }
  return text
}
