public import Units

/// What a picture is of, so that it can be read without the run that made it.
public struct PictureTitle: Hashable, Sendable {
  /// What the picture shows, for example `Timeline`.
  public var subject: String
  public var model: String
  public var plan: String
  /// What it ran on; nil where time plays no part.
  public var cluster: String?
  /// The time of the step; nil where time plays no part.
  public var stepTime: Ticks?
  /// Further facts: sequence length, microbatches.
  public var details: [String]

  public init(
    subject: String, model: String, plan: String, cluster: String? = nil, stepTime: Ticks? = nil,
    details: [String] = []
  ) {
    self.subject = subject
    self.model = model
    self.plan = plan
    self.cluster = cluster
    self.stepTime = stepTime
    self.details = details
  }

  /// The first line.
  var headline: String { "\(subject): \(model) · \(plan)" }

  /// The second line; may be empty.
  var subtitle: String {
    var parts: [String] = []
    if let cluster { parts.append(cluster) }
    if let stepTime { parts.append("step \(stepTime)") }
    return (parts + details).joined(separator: " · ")
  }
}
