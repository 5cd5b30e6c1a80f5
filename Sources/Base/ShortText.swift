extension String {
  /// The text for a quote in a message: of a very long text only the beginning and the end.
  public var shortened: String {
    // `count` would find the characters of a text of any length; scalars are cheaper.
    guard unicodeScalars.count > 80 else { return self }
    var start = unicodeScalars.startIndex
    start = unicodeScalars.index(start, offsetBy: 50)
    let end = unicodeScalars.index(unicodeScalars.endIndex, offsetBy: -20)
    return String(String.UnicodeScalarView(unicodeScalars[..<start])) + "…"
      + String(String.UnicodeScalarView(unicodeScalars[end...]))
  }
}
