/// A picture as a value: nodes, edges and clusters with their attributes, and who places them.
public struct Drawing: Hashable, Sendable {
  public typealias Attributes = [Attribute]

  public struct Attribute: Hashable, Sendable {
    public let name: String
    public let value: AttributeValue

    public init(_ name: String, _ value: AttributeValue) {
      self.name = name
      self.value = value
    }
  }

  /// Who decides where nodes are.
  public enum Engine: String, Hashable, Sendable {
    /// Graphviz, in layers along the edges.
    case layered = "dot"
    /// The nodes: each carries its position and size, each edge its course.
    case positioned = "nop2"
  }

  public struct Node: Hashable, Sendable {
    /// Unique in the drawing; ours, never a user's text.
    public let name: String
    public let attributes: Attributes
  }

  public struct Edge: Hashable, Sendable {
    /// Indices into `nodes`.
    public let tail, head: Int
    public let attributes: Attributes
  }

  public struct Cluster: Hashable, Sendable {
    public let attributes: Attributes
    /// Indices into `nodes`.
    public let nodes: [Int]
  }

  public let engine: Engine
  public private(set) var graphAttributes: Attributes
  public private(set) var nodeDefaults: Attributes
  public private(set) var edgeDefaults: Attributes
  public private(set) var nodes: [Node] = []
  public private(set) var edges: [Edge] = []
  public private(set) var clusters: [Cluster] = []
  /// How many things were left out to stay below a node limit; the picture says so.
  public internal(set) var elided = 0

  public init(
    _ engine: Engine, graph: Attributes = [], nodes: Attributes = [], edges: Attributes = []
  ) {
    self.engine = engine
    graphAttributes = graph
    nodeDefaults = nodes
    edgeDefaults = edges
  }

  /// Adds a node and returns its index.
  @discardableResult
  public mutating func addNode(_ attributes: Attributes) -> Int {
    nodes.append(Node(name: "n\(nodes.count)", attributes: attributes))
    return nodes.count - 1
  }

  public mutating func addEdge(from tail: Int, to head: Int, _ attributes: Attributes = []) {
    edges.append(Edge(tail: tail, head: head, attributes: attributes))
  }

  public mutating func addCluster(of nodes: [Int], _ attributes: Attributes) {
    clusters.append(Cluster(attributes: attributes, nodes: nodes))
  }

  /// Gives the picture as a whole an attribute, in place of an earlier value.
  public mutating func setGraphAttribute(_ name: String, _ value: AttributeValue) {
    graphAttributes.removeAll { $0.name == name }
    graphAttributes.append(Attribute(name, value))
  }
}
