import Base
import Testing

extension Table {
  /// A column's numbers, nil where one is undefined. Fails where the table has no such column or no row.
  func numbers(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> [Double?] {
    let numbers = try #require(
      self[name]?.numbers, "no column `\(name)` of numbers in \(names)", sourceLocation: location)
    try #require(!numbers.isEmpty, "no rows", sourceLocation: location)
    return numbers
  }

  /// The numbers of a column in which none is undefined.
  func known(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> [Double] {
    try numbers(name, location).map { try #require($0, "\(name) is undefined in a row", sourceLocation: location) }
  }
}

/// Expects two columns to be undefined in the same rows, and to differ by no more than `tolerance` elsewhere.
func expectClose(
  _ ours: [Double?], _ theirs: [Double?], within tolerance: Double, _ comment: Comment? = nil,
  _ location: SourceLocation = #_sourceLocation
) {
  #expect(ours.count == theirs.count, comment, sourceLocation: location)
  #expect(zip(ours, theirs).contains { $0 != nil && $1 != nil }, "nothing is compared", sourceLocation: location)
  for (a, b) in zip(ours, theirs) where a != nil || b != nil {
    #expect(abs((a ?? .nan) - (b ?? .nan)) <= tolerance, comment, sourceLocation: location)
  }
}
