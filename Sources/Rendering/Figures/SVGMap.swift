import Base

/// A map as coloured pixels, with axes, a colour key, and an outline over it.
struct SVGMap {
  let map: Figure.Map
  let figure: Figure

  /// Odd, so that zero has a step of its own.
  private static let steps = 63
  private static let maximumHeight = 300.0
  private var hasAxes: Bool {
    map.xRange != nil || map.yRange != nil || !map.columnNames.isEmpty || !map.rowNames.isEmpty
  }

  /// Draws below `top` and returns the height.
  func draw(on canvas: inout SVGCanvas, from top: Double) -> Double {
    guard map.rows > 0, map.columns > 0, let range = MapScale(map.values) else {
      return SVGFigure.drawNothing(on: &canvas, from: top)
    }
    let rowTicks = rowTicks
    let left =
      24 + (figure.yLabel.isEmpty ? 0 : 16) + min(160, rowTicks.map { SVGCanvas.width(of: $0.label) }.max() ?? 0)
    let keyTicks = hasAxes ? max(2, min(5, map.rows)) : 5
    let key = AxisScale([range.low, range.high], isRounded: false, tickCount: keyTicks)
    let keyWidth = 60 + (key?.ticks.map { SVGCanvas.width(of: key?.label($0) ?? "") }.max() ?? 40)
    var width = SVGFigure.width - left - keyWidth - 16
    var height = hasAxes ? min(Self.maximumHeight, max(60, Double(map.rows) * 40)) : Self.maximumHeight
    if !hasAxes {
      // Pixels are square.
      let side = min(width / Double(map.columns), height / Double(map.rows))
      width = side * Double(map.columns)
      height = side * Double(map.rows)
    }
    let y = top + 8
    picture(on: &canvas, range, left: left, top: y, width: width, height: height)
    for tick in rowTicks {
      canvas.text(SVGCanvas.cut(tick.label, to: 160), left - 8, y + tick.position * height + 4, anchor: .end)
    }
    if !figure.yLabel.isEmpty {
      canvas.text(SVGCanvas.cut(figure.yLabel, to: height), 18, y + height / 2, anchor: .middle, turned: -90)
    }
    var bottom = y + height
    bottom += columnLabels(on: &canvas, left: left, bottom: bottom, width: width)
    if !figure.xLabel.isEmpty {
      canvas.text(SVGCanvas.cut(figure.xLabel, to: width), left + width / 2, bottom + 14, anchor: .middle)
      bottom += 20
    }
    drawKey(on: &canvas, range, key, left: left + width + 20, top: y, height: height)
    if !map.values.allSatisfy(\.isFinite) {
      canvas.text("blank: no value", left, bottom + 14, opacity: 0.7)
      bottom += 18
    }
    return bottom - top + 6
  }

  /// Draws the map without axes and key within a square.
  func drawAlone(on canvas: inout SVGCanvas, left: Double, top: Double, side: Double) {
    guard map.rows > 0, map.columns > 0, let range = MapScale(map.values) else {
      return canvas.text("no data", left + side / 2, top + side / 2, anchor: .middle, opacity: 0.7)
    }
    let pixel = side / Double(max(map.rows, map.columns))
    picture(
      on: &canvas, range, left: left, top: top, width: pixel * Double(map.columns), height: pixel * Double(map.rows)
    )
  }

  /// Pixels, outline and frame.
  private func picture(
    on canvas: inout SVGCanvas, _ range: MapScale, left: Double, top: Double, width: Double, height: Double
  ) {
    let scale = "\(Self.precise(width / Double(map.columns))) \(Self.precise(height / Double(map.rows)))"
    let place = "transform=\"translate(\(NumberText.coordinate(left)) \(NumberText.coordinate(top))) scale(\(scale))\""
    canvas.add("<g \(place) shape-rendering=\"crispEdges\">")
    for (colour, path) in places(range) { canvas.add("<path d=\"\(path)\" fill=\"\(colour)\"/>") }
    canvas.add("</g>")
    outline(on: &canvas, left: left, top: top, across: width / Double(map.columns), down: height / Double(map.rows))
    canvas.add(
      "<rect x=\"\(NumberText.coordinate(left))\" y=\"\(NumberText.coordinate(top))\" width=\"\(NumberText.coordinate(width))\" height=\"\(NumberText.coordinate(height))\" stroke=\"\(canvas.ink)\"/>"
    )
  }

  // MARK: Pixels

  /// One path for each colour, made of runs of pixels along the rows, in units of pixels.
  private func places(_ range: MapScale) -> [(colour: String, path: String)] {
    var paths = Array(repeating: "", count: Self.steps)
    for row in 0..<map.rows {
      var column = 0
      while column < map.columns {
        let value = map.values[row * map.columns + column]
        guard value.isFinite else {
          column += 1
          continue
        }
        let step = Self.step(value, range)
        var end = column + 1
        while end < map.columns, case let next = map.values[row * map.columns + end], next.isFinite,
          Self.step(next, range) == step
        {
          end += 1
        }
        paths[step] += "M\(column) \(row)h\(end - column)v1H\(column)z"
        column = end
      }
    }
    return paths.enumerated().filter { !$0.element.isEmpty }.map { (Self.colour($0.offset, range), $0.element) }
  }

  private static func step(_ value: Double, _ range: MapScale) -> Int {
    min(steps - 1, max(0, Int(range.share(value) * Double(steps))))
  }

  private static func colour(_ step: Int, _ range: MapScale) -> String {
    range.colour(Double(step) / Double(steps - 1))
  }

  /// A factor, with more decimals than a position in the drawing needs.
  private static func precise(_ value: Double) -> String { NumberText.rounded(value, decimals: 6) }

  private func outline(on canvas: inout SVGCanvas, left: Double, top: Double, across: Double, down: Double) {
    let points = map.outline.filter { $0.x.isFinite && $0.y.isFinite && abs($0.x) < 1e6 && abs($0.y) < 1e6 }
    guard points.count > 1 else { return }
    // Whole numbers are the pixels' centres.
    let path = points.map {
      "\(NumberText.coordinate(left + ($0.x + 0.5) * across)),\(NumberText.coordinate(top + ($0.y + 0.5) * down))"
    }.joined(separator: " ")
    canvas.add("<polygon points=\"\(path)\" stroke=\"#000000\" stroke-opacity=\"0.6\" stroke-width=\"3.5\"/>")
    canvas.add("<polygon points=\"\(path)\" stroke=\"#ffffff\" stroke-width=\"1.5\"/>")
  }

  // MARK: Axes and key

  /// Labels at the left side, by their distance from the top.
  private var rowTicks: [(position: Double, label: String)] {
    if !map.rowNames.isEmpty {
      return map.rowNames.prefix(map.rows).enumerated().map {
        ((Double($0.offset) + 0.5) / Double(map.rows), SafeText.line($0.element))
      }
    }
    guard let scale = TextHeatMap.scale(map.yRange, figure.yIsLogarithmic, 6) else { return [] }
    return scale.ticks.map { (1 - scale.position($0), scale.label($0)) }
  }

  private func columnLabels(on canvas: inout SVGCanvas, left: Double, bottom: Double, width: Double) -> Double {
    if !map.columnNames.isEmpty {
      let room = width / Double(map.columns) - 6
      let isTurned = map.columnNames.contains { SVGCanvas.width(of: SafeText.line($0)) > room }
      let names = map.columnNames.prefix(map.columns).map { SVGCanvas.cut($0, to: isTurned ? 130 : max(room, 20)) }
      for (place, name) in names.enumerated() {
        let x = left + (Double(place) + 0.5) / Double(map.columns) * width
        if isTurned {
          canvas.text(name, x + 4, bottom + 14, anchor: .end, turned: -35)
        } else {
          canvas.text(name, x, bottom + 18, anchor: .middle)
        }
      }
      return isTurned ? 20 + (names.map(SVGCanvas.width).max() ?? 0) * 0.574 : 26
    }
    guard let scale = TextHeatMap.scale(map.xRange, figure.xIsLogarithmic, 8) else {
      guard !hasAxes else { return 6 }
      canvas.text("\(map.rows) x \(map.columns)", left + width / 2, bottom + 16, anchor: .middle, opacity: 0.7)
      return 22
    }
    for tick in scale.ticks {
      let x = left + scale.position(tick) * width
      canvas.line(x, bottom, x, bottom + 5)
      canvas.text(scale.label(tick), x, bottom + 18, anchor: .middle)
    }
    return 26
  }

  private func drawKey(
    on canvas: inout SVGCanvas, _ range: MapScale, _ scale: AxisScale?, left: Double, top: Double,
    height: Double
  ) {
    let height = min(height, 200)
    let bands = 33
    for band in 0..<bands {
      let colour = range.colour(range.high > range.low ? Double(band) / Double(bands - 1) : 0.5)
      let y = top + height * (1 - Double(band + 1) / Double(bands))
      canvas.add(
        "<rect x=\"\(NumberText.coordinate(left))\" y=\"\(NumberText.coordinate(y))\" width=\"12\" height=\"\(NumberText.coordinate(height / Double(bands) + 0.5))\" fill=\"\(colour)\"/>"
      )
    }
    if range.high > range.low, let scale {
      for tick in scale.ticks {
        canvas.text(scale.label(tick), left + 18, top + (1 - scale.position(tick)) * height + 4)
      }
    } else {
      canvas.text(NumberText.of(range.low), left + 18, top + height / 2 + 4)
    }
    if !map.label.isEmpty {
      canvas.text(
        SVGCanvas.cut(map.label, to: height), SVGFigure.width - 12, top + height / 2, anchor: .middle, turned: -90)
    }
  }
}
