/// Many trainings that differ along named axes: a plan, not results.
public struct GridPayload: Payload {
  public static let kind = KindName.grid

  /// How many runs it has.
  public var runs: Int
  /// The paths of its axes.
  public var axes: [String]
  /// Digest of the JSON object that holds the grid.
  public var object: String

  public init(runs: Int, axes: [String], object: String) {
    self.runs = runs
    self.axes = axes
    self.object = object
  }

  public var objects: [String] { [object] }
}

extension KindName {
  public static let grid = KindName(rawValue: "grid")
}
