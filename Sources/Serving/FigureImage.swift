import Base
import Rendering

/// Figures as pictures for clients; the only place that chooses how they are drawn.
enum FigureImage {
  /// An `<svg>` element with the figures one below the other; nil where there are none.
  static func svg(_ figures: [Figure]) -> String? { figures.isEmpty ? nil : SVGFigure(figures).text }
}
