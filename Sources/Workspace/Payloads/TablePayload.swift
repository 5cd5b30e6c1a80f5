/// A named table: scores, calibrations, refits.
public struct TablePayload: Codable, Sendable, Equatable {
  public var rows: Int
  public var columns: [String]
  /// Digest of the JSON object that holds the table.
  public var object: String

  public init(rows: Int, columns: [String], object: String) {
    self.rows = rows
    self.columns = columns
    self.object = object
  }
}
