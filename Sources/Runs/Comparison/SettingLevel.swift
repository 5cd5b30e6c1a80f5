import Base

/// A value of a setting that distinguishes runs: 1e-3 is the same as 0.001.
public struct SettingLevel: Sendable, Hashable, Comparable {
  public let text: String
  public let number: Double?

  public init(_ value: Value) {
    number = value.number
    text =
      value.number.map { $0 == $0.rounded() && abs($0) < 1e15 ? String(Int($0)) : NumberText.exact($0) }
      ?? value.plainText
  }

  /// A range of numbers, with its place among the ranges.
  init(_ text: String, order: Double) { (self.text, number) = (text, order) }

  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
  public static func < (a: Self, b: Self) -> Bool {
    if let x = a.number, let y = b.number { return x < y }
    return a.text < b.text
  }
}

/// What the name of a setting says about it.
enum SettingName {
  /// Two runs that differ in it alone are repeats of one training.
  static func isSeed(_ name: String) -> Bool {
    let last = name.lowercased().split(separator: ".").last ?? ""
    return last == "seed" || last.hasSuffix("_seed") || last.hasPrefix("seed_")
  }

  /// Runs that differ in it were trained or scored on different data.
  static func isData(_ name: String) -> Bool {
    let name = name.lowercased()
    if ["data", "ds", "sessions", "session"].contains(name.split(separator: ".").last ?? "") { return true }
    // `cfg_dir`: what VisionCore's scripts call the path of the dataset YAML.
    return ["dataset", "data_dir", "data_path", "data_root", "cfg_dir", "split", "metric_version"].contains {
      name.contains($0)
    }
  }
}
