import Base

/// A figure as lines of text: braille dots for lines and points, blocks for bars, shades for maps, ASCII as fallback.
///
/// Of several series, the bars (or else the first steps) are filled and further lines are dashed, so that observed and
/// predicted differ without colour.
public enum TextFigure {
  /// - Parameters:
  ///   - width: columns of the whole drawing, at least 24.
  ///   - height: rows of the plotting area, at least 3; a map may take up to 1.5 times as many.
  public static func draw(_ figure: Figure, width: Int, height: Int, unicode: Bool, colour: Bool = false) -> [String] {
    let width = max(24, width)
    let height = max(3, height)
    var out: [String] = []
    if !figure.title.isEmpty {
      let title = DisplayWidth.cut(SafeText.line(figure.title), to: width, mark: unicode ? "…" : "~")
      out.append(Escape.paint(title, .bold, when: colour))
    }
    if let map = figure.map {
      out += TextMap(unicode: unicode, colour: colour).lines(map, of: figure, width: width, height: height)
    }
    if !figure.xNames.isEmpty {
      out += TextBars(figure: figure, unicode: unicode, colour: colour).lines(width: width)
    } else if !figure.series.isEmpty {
      out += TextPlot(figure: figure, unicode: unicode, colour: colour).lines(width: width, height: height)
    }
    if figure.map == nil, figure.series.isEmpty { out.append("no data") }
    if let note = figure.note {
      let words = SafeText.line(note).split(separator: " ").map(String.init)
      out += DisplayWidth.wrapped(words, separator: " ", to: width, mark: unicode ? "…" : "~").map {
        Escape.paint($0, .dim, when: colour)
      }
    }
    return out
  }
}
