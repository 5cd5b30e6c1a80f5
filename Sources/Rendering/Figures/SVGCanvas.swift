import Base

/// Writes SVG elements one after the other, with short numbers and escaped text.
struct SVGCanvas {
  private(set) var out = ""
  /// Colour of text and axes.
  let ink: String
  private let ground: SVGFigure.Ground

  private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]
  static let fontSize = 12.0

  enum Anchor: String { case start, middle, end }

  init(_ ground: SVGFigure.Ground) {
    self.ground = ground
    ink = ground == .paper ? "#222222" : "currentColor"
  }

  /// Colour of a series; a page can override it as `--series-1` and so on.
  func colour(_ index: Int) -> String {
    let place = index % Self.colours.count
    return ground == .paper ? Self.colours[place] : "var(--series-\(place + 1), \(Self.colours[place]))"
  }

  mutating func add(_ element: String) { out += element + "\n" }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, opacity: Double = 1) {
    let faint = opacity < 1 ? " stroke-opacity=\"\(opacity)\"" : ""
    add(
      "<path d=\"M\(NumberText.coordinate(x1)) \(NumberText.coordinate(y1))L\(NumberText.coordinate(x2)) \(NumberText.coordinate(y2))\" stroke=\"\(ink)\"\(faint)/>"
    )
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, bold: Bool = false, opacity: Double = 1,
    turned: Double? = nil
  ) {
    guard !text.isEmpty else { return }
    var attributes = "x=\"\(NumberText.coordinate(x))\" y=\"\(NumberText.coordinate(y))\" fill=\"\(ink)\""
    if anchor != .start { attributes += " text-anchor=\"\(anchor.rawValue)\"" }
    if bold { attributes += " font-weight=\"600\" font-size=\"14\"" }
    if opacity < 1 { attributes += " fill-opacity=\"\(opacity)\"" }
    if let turned {
      attributes +=
        " transform=\"rotate(\(NumberText.coordinate(turned)) \(NumberText.coordinate(x)) \(NumberText.coordinate(y)))\""
    }
    add("<text \(attributes)>\(Self.escaped(text))</text>")
  }

  /// Escapes markup and control characters, and drops two characters that XML does not allow.
  static func escaped(_ text: String) -> String {
    let safe = SafeText.line(text)
    guard safe.unicodeScalars.contains(where: { $0.value == 0xfffe || $0.value == 0xffff }) else {
      return HTMLText.escaped(safe)
    }
    var kept = String.UnicodeScalarView()
    kept.append(contentsOf: safe.unicodeScalars.filter { $0.value != 0xfffe && $0.value != 0xffff })
    return HTMLText.escaped(String(kept))
  }

  /// Approximate width of a text in the figure's font.
  static func width(of text: String) -> Double { Double(DisplayWidth.of(text)) * 6.6 }

  /// Text cut to a width.
  static func cut(_ text: String, to width: Double) -> String {
    DisplayWidth.cut(SafeText.line(text), to: max(3, Int(width / 6.6)), mark: "…")
  }

  /// A note, broken into lines of this width.
  static func wrapped(_ text: String, to width: Double) -> [String] {
    let words = SafeText.line(text).split(separator: " ").map(String.init)
    return DisplayWidth.wrapped(words, separator: " ", to: max(10, Int(width / 6.2)), mark: "…")
  }
}
