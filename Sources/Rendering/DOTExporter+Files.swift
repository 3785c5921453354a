public import Foundation

extension DOTExporter {
  /// Writes the DAG to a file that appears complete or not at all.
  ///
  /// - Throws: `RenderingError.unwritable` or `.noSuchRank`.
  @discardableResult
  public func write(to file: URL) throws -> Summary {
    var summary = Summary()
    try AtomicFile.write(to: file) { sink in
      summary = try write(to: sink)
    }
    return summary
  }

  /// The DAG as one text; for graphs that fit in memory several times.
  ///
  /// - Throws: `RenderingError.noSuchRank`.
  public func text() throws -> String {
    let all = Collector()
    _ = try write { bytes in all.bytes.append(contentsOf: bytes) }
    return String(decoding: all.bytes, as: UTF8.self)
  }

  private final class Collector {
    var bytes: [UInt8] = []
  }
}
