extension Collection<String> {
  /// The first names, and how many there are besides: `a, b, c and 2 more`.
  public func listed(first most: Int, separator: String = ", ") -> String {
    prefix(most).joined(separator: separator) + (count > most ? " and \(count - most) more" : "")
  }
}
