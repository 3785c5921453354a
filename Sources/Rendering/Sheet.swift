/// A page on which a picture puts boxes and texts where it wants them.
///
/// Coordinates are in points (1/72 inch; four thirds of a pixel at 100 %) from the top left corner,
/// downwards. What is put first lies below; arrows lie above all boxes.
struct Sheet {
  private(set) var drawing: Drawing

  init() {
    drawing = Drawing(
      .positioned,
      graph: [
        .init("outputorder", "nodesfirst"), .init("bgcolor", "#FFFFFF"), .init("pad", "0.15"),
        .init("splines", "false"),
      ],
      nodes: [
        .init("shape", "box"), .init("style", "filled"), .init("fixedsize", "true"),
        .init("fontname", "Helvetica"), .init("fontsize", "9"), .init("label", ""),
        .init("penwidth", "0"), .init("margin", "0"), .init("fontcolor", "#000000"),
        .init("fillcolor", "#FFFFFF"), .init("color", "#000000"), .init("class", ""),
        .init("tooltip", ""), .init("pos", ""), .init("peripheries", "1"), .init("width", "0"),
        .init("height", "0"),
      ],
      edges: [
        .init("arrowsize", "0.6"), .init("penwidth", "1"), .init("color", "#000000"),
        .init("class", ""), .init("pos", ""), .init("tooltip", ""), .init("style", ""),
      ])
  }

  struct Box {
    var x, y, width, height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }
    var middleX: Double { x + width / 2 }
    var middleY: Double { y + height / 2 }
  }

  enum Anchor { case left, middle, right }

  /// Puts a box, with an optional text in its middle, and returns its node.
  @discardableResult
  mutating func put(
    _ box: Box, fill: String?, stroke: String? = nil, strokeWidth: Double = 0.5,
    dashed: Bool = false, text: String = "", textSize: Double = 9, textColor: String = "#000000",
    tooltip: String = "", cssClass: String = ""
  ) -> Int {
    var attributes = position(of: box)
    var styles: [String] = []
    if let fill {
      styles.append("filled")
      attributes.append(.init("fillcolor", .literal(fill)))
    }
    if dashed { styles.append("dashed") }
    if fill == nil || dashed {
      attributes.append(
        .init("style", .literal(styles.isEmpty ? "solid" : styles.joined(separator: ","))))
    }
    if let stroke {
      attributes.append(.init("color", .literal(stroke)))
      attributes.append(.init("penwidth", .number(strokeWidth)))
    } else {
      attributes.append(.init("color", .literal(fill ?? "#FFFFFF")))
    }
    if !text.isEmpty {
      attributes.append(.init("label", .text(text)))
      attributes.append(.init("fontsize", .number(textSize)))
      attributes.append(.init("fontcolor", .literal(textColor)))
    }
    if !tooltip.isEmpty { attributes.append(.init("tooltip", .text(tooltip))) }
    if !cssClass.isEmpty { attributes.append(.init("class", .literal(cssClass))) }
    return drawing.addNode(attributes)
  }

  /// Puts one line of text whose middle is at a height; x is its left end, middle or right end.
  @discardableResult
  mutating func write(
    _ text: String, x: Double, y: Double, size: Double = 9, anchor: Anchor = .left,
    bold: Bool = false, color: String = "#000000", cssClass: String = ""
  ) -> Int {
    // Graphviz places a text that it deems wider than its box around the middle, and its measure
    // depends on the fonts installed; a box with room to spare keeps the text at its end.
    let width = textWidth(text, size: size, bold: bold) * (anchor == .middle ? 1 : 1.4) + 4
    let (left, lineEnd) =
      switch anchor {
      case .left: (x, AttributeValue.leftText(text))
      case .middle: (x - width / 2, AttributeValue.text(text))
      case .right: (x - width, AttributeValue.rightText(text))
      }
    var attributes = position(of: Box(x: left, y: y - size * 0.6, width: width, height: size * 1.2))
    attributes.append(.init("peripheries", "0"))
    attributes.append(.init("style", ""))
    attributes.append(.init("label", lineEnd))
    attributes.append(.init("fontsize", .number(size)))
    attributes.append(.init("fontcolor", .literal(color)))
    if bold { attributes.append(.init("fontname", "Helvetica-Bold")) }
    if !cssClass.isEmpty { attributes.append(.init("class", .literal(cssClass))) }
    return drawing.addNode(attributes)
  }

  /// Draws a straight-sided course of points from one node to another, with an arrow at its end.
  mutating func connect(
    _ tail: Int, _ head: Int, along points: [(x: Double, y: Double)], color: String = "#000000",
    width: Double = 1, arrow: Bool = true, dashed: Bool = false, tooltip: String = "",
    cssClass: String = ""
  ) {
    guard points.count >= 2, let last = points.last else { return }
    let before = points[points.count - 2]
    let length = max(
      0.01,
      ((last.x - before.x) * (last.x - before.x) + (last.y - before.y) * (last.y - before.y))
        .squareRoot())
    var course = points
    // Graphviz draws the head from the end of the line to the point after "e,".
    let headLength = arrow ? min(5, length * 0.9) : 0
    course[course.count - 1] = (
      last.x - (last.x - before.x) / length * headLength,
      last.y - (last.y - before.y) / length * headLength
    )
    var text = arrow ? "e,\(point(last)) " : ""
    text += point(course[0])
    for (from, to) in zip(course, course.dropFirst()) {
      text += " \(point(from)) \(point(to)) \(point(to))"
    }
    var attributes: Drawing.Attributes = [
      .init("pos", .literal(text)), .init("color", .literal(color)),
      .init("penwidth", .number(width)),
    ]
    if !arrow { attributes.append(.init("arrowhead", "none")) }
    if dashed { attributes.append(.init("style", "dashed")) }
    if !tooltip.isEmpty { attributes.append(.init("tooltip", .text(tooltip))) }
    if !cssClass.isEmpty { attributes.append(.init("class", .literal(cssClass))) }
    drawing.addEdge(from: tail, to: head, attributes)
  }

  private func point(_ point: (x: Double, y: Double)) -> String {
    "\(shortDecimal(point.x)),\(shortDecimal(-point.y))"
  }

  private func position(of box: Box) -> Drawing.Attributes {
    [
      .init("pos", .literal(point((box.middleX, box.middleY)))),
      .init("width", .literal(inches(box.width))), .init("height", .literal(inches(box.height))),
    ]
  }

  /// Five decimals: Graphviz reads sizes in inches and rounds nothing smaller away.
  private func inches(_ points: Double) -> String {
    let units = Int((points / 72 * 100_000).rounded())
    let digits = String(units % 100_000)
    return "\(units / 100_000)." + String(repeating: "0", count: 5 - digits.count) + digits
  }
}

extension Sheet {
  /// Says at the foot of the picture that something was left out, and remembers how much.
  mutating func noteElided(_ count: Int, of what: String, x: Double, y: Double) {
    drawing.elided += count
    guard count > 0 else { return }
    write("\(count) \(what) elided", x: x, y: y, color: "#B00000", cssClass: "elided")
  }
}
