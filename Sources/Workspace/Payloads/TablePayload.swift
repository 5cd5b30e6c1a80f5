/// A named table: scores, calibrations, refits.
public struct TablePayload: Payload {
  public static let kind = KindName.table

  public var rows: Int
  public var columns: [String]
  /// Digest of the JSON object that holds the table.
  public var object: String

  public init(rows: Int, columns: [String], object: String) {
    self.rows = rows
    self.columns = columns
    self.object = object
  }

  public var objects: [String] { [object] }
}

extension KindName {
  public static let table = KindName(rawValue: "table")
}
