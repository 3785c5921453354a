/// Why a DOT file cannot be read.
public enum DOTError: Error, Hashable, Sendable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case tooLarge(path: String, bytes: Int, limit: Int)
  case empty(path: String)
  case containsNUL(path: String, line: Int)
  case syntax(path: String, line: Int?, message: String)
  case noGraph(path: String)
  case severalGraphs(path: String, count: Int)
  case undirected(path: String)
  case labelTooLong(path: String, node: String, bytes: Int, limit: Int)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .tooLarge(let path, let bytes, let limit):
      """
      \(path): \(bytes) bytes are more than the \(limit) that are read into memory; \
      export fewer ranks or microbatches
      """
    case .empty(let path): "\(path): is empty; expected a DOT digraph"
    case .containsNUL(let path, let line):
      "\(path):\(line): holds a NUL byte; expected text, perhaps this is another format or UTF-16"
    case .syntax(let path, let line, let message):
      "\(path)\(line.map { ":\($0)" } ?? ""): \(message); expected a DOT digraph"
    case .noGraph(let path): "\(path): holds no graph; expected one DOT digraph"
    case .severalGraphs(let path, let count):
      "\(path): holds \(count) graphs; expected one, put each into a file of its own"
    case .undirected(let path):
      "\(path): is an undirected graph; an execution DAG is a digraph with edges written ->"
    case .labelTooLong(let path, let node, let bytes, let limit):
      """
      \(path): node \(node): its text is \(bytes) bytes long, more than the \(limit) that a name or \
      label may have
      """
    }
  }
}
