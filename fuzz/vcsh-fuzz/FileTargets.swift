import Base
import Formats
import Foundation
import Inspection

/// Files as `inspect` lists them and `open` reads them: every array of them.
enum FileTargets {
  static let all =
    [
      ("pickle", "pkl"), ("torch-zip", "pt"), ("torch-legacy", "pt"), ("npy", "npy"), ("npz", "npz"),
      ("safetensors", "safetensors"), ("yaml", "yaml"), ("json", "json"),
    ].map(target) + [table]

  private static func target(_ name: String, _ ending: String) -> FuzzTarget {
    let file = FuzzFile("\(name).\(ending)")
    return FuzzTarget(name: name) { data in
      try file.write(data)
      do { _ = try Inspection(path: file.path) } catch is Failure {}
      _ = try WholeFile(path: file.path)
    }
  }

  /// A table of text: CSV, TSV and JSON.
  private static let table: FuzzTarget = {
    let file = FuzzFile("table.csv")
    return FuzzTarget(name: "table") { data in
      try file.write(data)
      do { _ = try JSONTableReader.table(path: file.path) } catch is Failure {}
      do { _ = try SeparatedTableReader.table(path: file.path, isTabbed: true) } catch is Failure {}
      _ = try SeparatedTableReader.table(path: file.path, isTabbed: false)
    }
  }()
}
