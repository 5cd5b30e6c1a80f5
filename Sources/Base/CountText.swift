extension BinaryInteger {
  /// A number with what it counts: `1 row`, `2 rows`.
  ///
  /// - Parameter plural: the plural that does not simply end in `s`.
  public func counted(_ singular: String, _ plural: String? = nil) -> String {
    "\(self) \(self == 1 ? singular : plural ?? singular + "s")"
  }
}
