import Base

/// What was read of a file that grows at its end.
protocol GrowingLog: Sendable {
  /// Bytes of the file up to the end of the last complete record: reading goes on here.
  var consumed: Int { get }
  /// Numbers that it holds, about 32 bytes each.
  var pointCount: Int { get }

  /// Takes what the file has beyond `consumed`.
  ///
  /// - Throws: what is wrong with the file.
  mutating func take(_ file: RegularFile) throws
}
