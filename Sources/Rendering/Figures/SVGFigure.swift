import Base

/// Figures as SVG, drawn without another program. The same figures give the same text.
///
/// `SVGFigure(figure).text` is a drawing that stands alone, on white. With `ground: .page` it takes the page's text colour, so
/// that it fits light and dark pages.
public struct SVGFigure {
  public enum Ground: Sendable {
    /// White, with an XML namespace: for a file, or for an image in a document.
    case paper
    /// Transparent, as part of an HTML page's own markup.
    case page
  }

  static let width = 640.0
  private let figures: [Figure]
  private let ground: Ground

  public init(_ figure: Figure, ground: Ground = .paper) { self.init([figure], ground: ground) }

  /// - Parameter figures: drawn one below the other.
  public init(_ figures: [Figure], ground: Ground = .paper) {
    self.figures = figures
    self.ground = ground
  }

  /// The `<svg>` element and a newline.
  public var text: String {
    var canvas = SVGCanvas(ground)
    var height = 0.0
    for figure in figures { height += draw(figure, on: &canvas, from: height) }
    let size = "viewBox=\"0 0 \(NumberText.coordinate(Self.width)) \(NumberText.coordinate(height))\""
    let space =
      ground == .paper
      ? "xmlns=\"http://www.w3.org/2000/svg\" width=\"\(NumberText.coordinate(Self.width))\" height=\"\(NumberText.coordinate(height))\" "
      : ""
    let name = SVGCanvas.escaped(figures.map(Self.name).joined(separator: "; "))
    let font = "font-family=\"system-ui, sans-serif\" font-size=\"\(NumberText.coordinate(SVGCanvas.fontSize))\""
    var out = "<svg \(space)\(size) role=\"img\" aria-label=\"\(name)\" \(font) fill=\"none\">\n"
    if ground == .paper { out += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" }
    return out + canvas.out + "</svg>\n"
  }

  /// The text alternative for screen readers.
  private static func name(_ figure: Figure) -> String {
    let title = figure.title.isEmpty ? "figure" : figure.title
    return ([title] + [figure.note].compactMap(\.self)).joined(separator: ": ")
  }

  /// Draws a figure below `top` and returns its height.
  private func draw(_ figure: Figure, on canvas: inout SVGCanvas, from top: Double) -> Double {
    var y = top + 10
    if !figure.title.isEmpty {
      canvas.text(SVGCanvas.cut(figure.title, to: Self.width - 40), 16, y + 14, bold: true)
      y += 24
    }
    if let map = figure.map { y += SVGMap(map: map, figure: figure).draw(on: &canvas, from: y) }
    if !figure.series.isEmpty {
      y += SVGPlot(figure).draw(on: &canvas, from: y)
    } else if figure.map == nil {
      y += Self.drawNothing(on: &canvas, from: y)
    }
    if let note = figure.note, !note.isEmpty {
      for line in SVGCanvas.wrapped(note, to: Self.width - 32) {
        canvas.text(line, 16, y + 12, opacity: 0.7)
        y += 16
      }
    }
    return y + 8 - top
  }

  static func drawNothing(on canvas: inout SVGCanvas, from top: Double) -> Double {
    canvas.text("no data", width / 2, top + 40, anchor: .middle, opacity: 0.7)
    return 70
  }
}
