/// Shortens the names of one column to a width, without hiding where they differ.
///
/// A name loses its middle: its head and its tail are what people tell names by. Where that makes two names look alike,
/// all lose their heads, or their tails, whichever keeps them apart.
struct NameCut {
  private enum Place: CaseIterable { case middle, head, tail }

  private let width: Int
  private let mark: String
  private let place: Place

  /// - Parameters:
  ///   - names: the column's entries.
  ///   - mark: stands for what is left out.
  init(_ names: some Sequence<String>, to width: Int, mark: String) {
    self.width = width
    self.mark = mark
    let distinct = Set(names)
    place =
      Place.allCases.first { place in
        Set(distinct.map { Self.cut($0, to: width, mark: mark, at: place) }).count == distinct.count
      } ?? .middle
  }

  /// The smallest width, from `least` on, at which all names still differ; the widest name's where none is smaller.
  static func width(keepingApart names: some Sequence<String>, least: Int, mark: String) -> Int {
    let distinct = Set(names)
    let widest = distinct.reduce(0) { max($0, DisplayWidth.of($1)) }
    var low = min(least, widest)
    while low < widest {
      let isApart = Place.allCases.contains { place in
        Set(distinct.map { cut($0, to: low, mark: mark, at: place) }).count == distinct.count
      }
      if isApart { return low }
      low += 1
    }
    return widest
  }

  func text(_ name: String) -> String { Self.cut(name, to: width, mark: mark, at: place) }

  private static func cut(_ name: String, to width: Int, mark: String, at place: Place) -> String {
    if DisplayWidth.of(name) <= width { return name }
    let room = width - DisplayWidth.of(mark)
    guard room > 0 else { return DisplayWidth.cut(name, to: width, mark: mark) }
    switch place {
    case .tail: return DisplayWidth.cut(name, to: width, mark: mark)
    case .head: return mark + end(name, room)
    case .middle: return DisplayWidth.cut(name, to: (room + 1) / 2, mark: "") + mark + end(name, room / 2)
    }
  }

  /// The longest end of `text` that fits into `width` columns.
  private static func end(_ text: String, _ width: Int) -> String {
    var kept = ""
    var used = 0
    for character in text.reversed() {
      used += DisplayWidth.of(character)
      if used > width { break }
      kept.append(character)
    }
    return String(kept.reversed())
  }
}
