import Base

/// Horizontal bars with names: one line for each bar, with its number at the end.
struct TextBars {
  let figure: Figure
  let unicode: Bool
  let colour: Bool

  private static let colours: [Escape.Style] = [.cyan, .yellow, .magenta, .green, .red, .blue]
  private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

  private struct Bar {
    var name: String
    var value: Double
    var owner: Int
  }

  func lines(width: Int) -> [String] {
    let bars = self.bars
    let known = bars.lazy.map(\.value).filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else { return ["no data"] }
    let mark = unicode ? "…" : "~"
    let format = NumberText.Format(for: known)
    let numbers = bars.map { $0.value.isFinite ? format.text($0.value) : "-" }
    // Room is taken in this order: at least four columns for bars, then whole numbers, then names, which may be cut.
    let numberWidth = numbers.map(\.count).max() ?? 0
    let nameWidth = min(
      max(4, width / 3), max(0, width - numberWidth - 7), bars.map { DisplayWidth.of($0.name) }.max() ?? 0)
    let room = max(1, width - nameWidth - 3 - numberWidth)
    // The axis always includes zero, so that lengths can be compared. Limits keep differences of huge numbers finite.
    let bottom = max(-AxisScale.limit, min(0, low))
    let top = min(AxisScale.limit, max(0, high))
    let span = top > bottom ? top - bottom : 1
    let zero = bottom < 0 ? Int((-bottom / span * Double(room)).rounded()) : 0

    var out = figure.yLabel.isEmpty ? [] : [dim(DisplayWidth.cut(SafeText.line(figure.yLabel), to: width, mark: mark))]
    for (bar, number) in zip(bars, numbers) {
      let name = DisplayWidth.padded(DisplayWidth.cut(bar.name, to: nameWidth, mark: mark), to: nameWidth)
      let axis = dim(unicode ? "│" : "|")
      let share = bar.value.isFinite ? min(AxisScale.limit, max(-AxisScale.limit, bar.value)) / span : 0
      let left = String(repeating: " ", count: zero)
      if share < 0 {
        let length = min(zero, max(1, Int((-share * Double(room)).rounded())))
        let before = String(repeating: " ", count: zero - length)
        out.append("\(name) \(before)\(paint(String(repeating: block, count: length), bar.owner))\(axis) \(number)")
      } else {
        out.append("\(name) \(left)\(axis)\(paint(drawn(share * Double(room)), bar.owner)) \(number)")
      }
    }
    if figure.series.count > 1 {
      let entries = figure.series.enumerated().map { paint(block, $0.offset) + " " + SafeText.line($0.element.name) }
      out += DisplayWidth.wrapped(entries, separator: "   ", to: width, mark: mark)
    }
    return out
  }

  /// Name by name, series by series; only a name's first bar shows it.
  private var bars: [Bar] {
    figure.xNames.enumerated().flatMap { place, name -> [Bar] in
      let bars = figure.series.enumerated().flatMap { owner, series in
        series.x.indices.filter { series.x[$0] == Double(place) }.map {
          Bar(name: "", value: series.y[$0], owner: owner)
        }
      }
      return bars.enumerated().map { index, bar in
        Bar(name: index == 0 ? SafeText.line(name) : "", value: bar.value, owner: bar.owner)
      }
    }
  }

  private var block: String { unicode ? "█" : "#" }

  private func drawn(_ length: Double) -> String {
    guard unicode else { return String(repeating: "#", count: Int(length.rounded())) }
    let eighths = Int((length * 8).rounded())
    let rest = eighths % 8
    return String(repeating: "█", count: eighths / 8) + (rest > 0 ? String(Self.eighths[rest - 1]) : "")
  }

  private func paint(_ text: String, _ owner: Int) -> String {
    Escape.paint(text, Self.colours[owner % Self.colours.count], when: colour && figure.series.count > 1)
  }

  private func dim(_ text: String) -> String { Escape.paint(text, .dim, when: colour) }
}
