extension String {
  /// The text as a message may quote it: of a name that is longer than any sensible one, beginning and end.
  public var shortened: String {
    // Not `count`: a hostile text is not walked through character by character.
    guard unicodeScalars.count > 80 else { return self }
    var start = unicodeScalars.startIndex
    start = unicodeScalars.index(start, offsetBy: 50)
    let end = unicodeScalars.index(unicodeScalars.endIndex, offsetBy: -20)
    return String(String.UnicodeScalarView(unicodeScalars[..<start])) + "…"
      + String(String.UnicodeScalarView(unicodeScalars[end...]))
  }
}
