public import Foundation

/// Takes chunks of a file in order.
public typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

/// A file that appears complete or not at all.
public enum AtomicFile {
  /// Writes to a neighbour of a file and renames it when all is written.
  ///
  /// - Parameter body: gives the contents to the sink, chunk by chunk.
  /// - Throws: `RenderingError.unwritable`, or what the body throws; nothing is left behind.
  public static func write(to file: URL, _ body: (@escaping ByteSink) throws -> Void) throws {
    let temporary = file.deletingLastPathComponent()
      .appending(path: ".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw unwritable(file) }
    do {
      try body { try writeAll($0, to: descriptor, of: file) }
    } catch {
      close(descriptor)
      unlink(temporary.path)
      throw error
    }
    guard close(descriptor) == 0, rename(temporary.path, file.path) == 0 else {
      let error = unwritable(file)
      unlink(temporary.path)
      throw error
    }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, of file: URL)
    throws
  {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Foundation.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw unwritable(file) }
      rest = rest.dropFirst(written)
    }
  }

  private static func unwritable(_ file: URL) -> RenderingError {
    .unwritable(path: file.path, reason: String(cString: strerror(errno)))
  }
}
