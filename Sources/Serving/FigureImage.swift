import Base
import Rendering

/// Figures as pictures for clients: the one place that knows what draws them.
enum FigureImage {
  /// An `<svg>` element, the figures one below the other; nil for none.
  static func svg(_ figures: [Figure]) -> String? { figures.isEmpty ? nil : SVGFigure(figures).text }
}
