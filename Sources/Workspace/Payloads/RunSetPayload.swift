/// The runs below a folder, which other tools left there. The folder may grow: nothing of it is kept but where it is.
public struct RunSetPayload: Payload {
  public static let kind = KindName.runs

  /// Relative to the workspace if the folder is inside it, else absolute.
  public var path: String
  /// A pattern that the folders of runs have to match.
  public var glob: String?
  /// How many runs there were when it was opened.
  public var count: Int

  public init(path: String, glob: String?, count: Int) {
    self.path = path
    self.glob = glob
    self.count = count
  }

  public func moved(version: (Int64) -> Int64?, path: (String) -> String) -> RunSetPayload {
    RunSetPayload(path: path(self.path), glob: glob, count: count)
  }
}

extension KindName {
  public static let runs = KindName(rawValue: "runs")
}
