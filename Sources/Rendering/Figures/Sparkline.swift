/// A row of numbers as one line of block characters.
public enum Sparkline {
  static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// One character for each number, from lowest to highest; undefined ones are blank. Constant rows have medium height.
  public static func draw(_ values: [Double?]) -> String {
    let known = values.compactMap { $0 }.filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else { return String(repeating: " ", count: values.count) }
    return String(
      values.map { value -> Character in
        guard let value, value.isFinite else { return " " }
        // Divided by 2 before subtracting: the difference of two finite numbers may overflow.
        let share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5
        return blocks[BrailleCanvas.index(share, of: blocks.count)]
      })
  }
}
