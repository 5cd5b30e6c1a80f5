extension [Int] {
  /// Ids as text, runs written as ranges: `0-11, 14`. At most eight parts are written, then `…`.
  package var idRanges: String {
    var parts: [String] = []
    var start = 0
    for index in indices where index + 1 == count || self[index + 1] != self[index] &+ 1 {
      parts.append(start == index ? "\(self[start])" : "\(self[start])-\(self[index])")
      start = index + 1
    }
    return parts.count > 8 ? parts.prefix(8).joined(separator: ", ") + ", …" : parts.joined(separator: ", ")
  }

  /// The ids of a text of numbers and ranges: `0-11, 14`, in their order. Nil for any other text, or more than a million.
  package init?(idRanges text: String) {
    var ids: [Int] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends.last ?? nil, first >= 0, first <= last,
        last - first < 1_000_000 - ids.count
      else { return nil }
      ids += first...last
    }
    guard !ids.isEmpty else { return nil }
    self = ids
  }
}
