import Base

/// A few small maps side by side under one title, for a gallery. Each map's colours span its own range.
struct SVGMapGroup {
  let group: ReportDocument.MapGroup

  private static let side = 160.0
  private static let gap = 20.0

  init(_ group: ReportDocument.MapGroup) { self.group = group }

  /// The `<svg>` element and a newline, for use in a page.
  var text: String {
    var canvas = SVGCanvas(.page)
    let maps = group.figures.compactMap { figure in figure.map.map { (figure: figure, map: $0) } }
    let width = max(1, Double(maps.count)) * (Self.side + Self.gap)
    canvas.text(SVGCanvas.cut(group.title, to: width), 0, 14, bold: true)
    for (place, item) in maps.enumerated() {
      let left = Double(place) * (Self.side + Self.gap)
      canvas.text(SVGCanvas.cut(item.figure.title, to: Self.side), left, 34)
      SVGMap(map: item.map, figure: item.figure).drawAlone(on: &canvas, left: left, top: 42, side: Self.side)
    }
    let name = SVGCanvas.escaped("\(group.title): \(group.caption)")
    let size = "viewBox=\"0 0 \(NumberText.coordinate(width)) \(NumberText.coordinate(Self.side + 46))\""
    return
      "<svg \(size) role=\"img\" aria-label=\"\(name)\" font-family=\"system-ui, sans-serif\" font-size=\"\(NumberText.coordinate(SVGCanvas.fontSize))\" fill=\"none\">\n\(canvas.out)</svg>\n"
  }
}
