import Base
import Formats
import Runs

/// What distinguishes a grid's run from others in a log: its levels, and the training settings that all runs share.
struct RunSettings {
  /// Of the axes.
  let axes: [(path: String, level: SettingLevel)]
  let shared: [(path: String, level: SettingLevel)]
  let digest: String
  /// The YAML of the run and of the grid's base, as a log may name either; empty where the grid has no dataset.
  private let models: [ConfigNode]
  private let datasets: [ConfigNode]
  let epochs: Int?

  init(_ run: GridRun, in grid: Grid, base: RunConfiguration) throws {
    let configuration = try grid.configuration(of: run, base: base)
    digest = try configuration.digest
    models = [configuration.model.canonical, base.model.canonical]
    datasets = [configuration.data, base.data].filter { $0.mapValue?.isEmpty == false }.map(\.canonical)
    epochs = configuration.training["max_epochs"]?.intValue
    axes = try grid.axes.enumerated().compactMap { index, axis in
      try grid.level(run, index).map { (axis.path, try Self.level($0, axis)) }
    }
    let paths = Set(axes.map(\.path))
    shared = (configuration.training.mapValue ?? []).filter { !paths.contains($0.key) }
      .map { ($0.key, Self.level($0.value)) }
  }

  fileprivate static func level(_ level: GridAxis.Level, _ axis: GridAxis) throws -> SettingLevel {
    if case .setting = axis.kind { return Self.level(try level.node) }
    return SettingLevel(axis.kind == .seed ? .int(Int(level.label) ?? 0) : .string(level.label))
  }

  private static func level(_ node: ConfigNode) -> SettingLevel {
    switch node {
    case .int(let value): SettingLevel(.int(value))
    case .double(let value): SettingLevel(.double(value))
    case .bool(let value): SettingLevel(.bool(value))
    case .null: SettingLevel(.null)
    case .string(let text): SettingLevel(.string(text))
    default: SettingLevel(.string((try? YAMLText.flow(node)) ?? ""))
    }
  }

  /// How far a known run is known to have trained the same.
  enum Likeness { case other, perhaps, same }

  /// A job by its configuration. A log where it has every axis with this run's level and no shared setting with another
  /// one, by the YAML files that it names; perhaps, where these can't be read.
  func likeness(to known: KnownRun) -> Likeness {
    if let digest = known.digest { return digest == self.digest ? .same : .other }
    guard !axes.isEmpty, axes.allSatisfy({ known.level($0.path) == $0.level }),
      shared.allSatisfy({ setting in known.level(setting.path).map { $0 == setting.level } ?? true })
    else { return .other }
    let isModel = known.model.map(models.contains)
    let isData = datasets.isEmpty ? nil : known.data.map(datasets.contains)
    if isModel == false || isData == false { return .other }
    return isModel == true && isData == true ? .same : .perhaps
  }

  /// How many axes are recorded with the same level, and how many with another one. Seeds do not count: they cost nothing.
  func agreement(with known: KnownRun) -> (same: Int, other: Int) {
    if let digest = known.digest, digest == self.digest { return (axes.count { $0.path != "seed" }, 0) }
    let recorded = axes.filter { $0.path != "seed" }.compactMap { axis in
      known.level(axis.path).map { $0 == axis.level }
    }
    return (recorded.count { $0 }, recorded.count { !$0 })
  }
}

extension Grid {
  /// A run's level on each axis, by the axis's path: what a later grid's runs are compared with.
  package func levels(of run: GridRun) throws -> [String: String] {
    var levels: [String: String] = [:]
    for (index, axis) in axes.enumerated() {
      if let level = level(run, index) { levels[axis.path] = try RunSettings.level(level, axis).text }
    }
    return levels
  }
}
