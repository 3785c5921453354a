/// What every rank of one pipeline stage executes: operations in launch order, each depending only
/// on earlier ones.
public struct StageProgram: Hashable, Sendable {
  public let pipelineRank: Int
  /// In launch order; operations of one stream start in this order.
  public private(set) var operations: [Operation]
  /// `dependencies[dependencyStart[i]..<dependencyStart[i + 1]]` are those of operation `i`.
  public let dependencyStart: [Int32]
  public let dependencies: [Int32]
  /// What the stage keeps in memory.
  public let storage: StageStorage

  public init(
    pipelineRank: Int, operations: [Operation], dependencyStart: [Int32], dependencies: [Int32],
    storage: StageStorage = StageStorage()
  ) {
    precondition(dependencyStart.count == operations.count + 1, "one dependency list per operation")
    self.pipelineRank = pipelineRank
    self.operations = operations
    self.dependencyStart = dependencyStart
    self.dependencies = dependencies
    self.storage = storage
  }

  /// Names the other end of a message, once it is known.
  public mutating func setPartner(_ partner: Int, of operation: Int) {
    operations[operation] = operations[operation].placed(
      microbatch: operations[operation].microbatch ?? -1, partner: partner)
  }

  /// The operations that must end before one may start, as indices into `operations`.
  public func dependencies(of operation: Int) -> ArraySlice<Int32> {
    dependencies[Int(dependencyStart[operation])..<Int(dependencyStart[operation + 1])]
  }
}
