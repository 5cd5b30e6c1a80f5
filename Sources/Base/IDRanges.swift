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
}
