import Base
import Formats

/// Many trainings that differ along named axes.
public struct Grid: Codable, Sendable, Equatable {
  public var base: GridBase
  public var axes: [GridAxis]
  public var runs: [GridRun]
  /// The number of the next run that is added: a number is never used twice.
  var next: Int

  /// The most runs that a grid holds.
  package static let largest = 10_000

  package init(base: GridBase, axes: [GridAxis]) throws {
    (self.base, self.axes, runs, next) = (base, axes, [], 1)
    let combinations = try Self.combinations(axes)
    add(combinations)
  }

  /// Every combination of one level of each axis; the last axis runs fastest.
  ///
  /// - Throws: `unsupported` where there are too many.
  static func combinations(_ axes: [GridAxis]) throws -> [[Int]] {
    var count = 1
    for axis in axes {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.levels.count)
      guard !overflow, product <= largest else {
        throw Failure(
          .unsupported, "the grid has more than \(largest) runs", hint: "choose with --where, or make several grids")
      }
      count = product
    }
    return axes.reduce([[]]) { rows, axis in rows.flatMap { row in axis.levels.indices.map { row + [$0] } } }
  }

  private mutating func add(_ combinations: [[Int]]) {
    let known = Set(runs.map(\.levels))
    let fresh = combinations.filter { !known.contains($0) }
    let digits = max(3, String(next + fresh.count - 1).count)
    for levels in fresh {
      runs.append(GridRun(name: RunName.text(next, digits, axes, levels), levels: levels))
      next += 1
    }
  }

  /// Adds levels to axes that the grid has, and all runs with them.
  ///
  /// - Returns: how many runs came in.
  /// - Throws: a usage failure for an axis that the grid does not have.
  package mutating func extend(_ more: [GridAxis]) throws -> Int {
    let before = runs.count
    var wanted = axes
    var fresh = Set<[Int]>()
    for axis in more {
      guard let index = axes.firstIndex(where: { $0.kind == axis.kind }) else {
        throw Failure(
          .usage, "the grid has no axis `\(axis.path)`",
          hint: "its axes are \(axes.map(\.path).joined(separator: ", ")); a new axis needs a new grid")
      }
      let known = axes[index].levels.map(\.value)
      let levels = axis.levels.filter { !known.contains($0.value) }
      let first = axes[index].levels.count
      axes[index].levels += levels
      wanted = axes
      for combination in try Self.combinations(wanted) where combination[index] >= first { fresh.insert(combination) }
    }
    add(try Self.combinations(wanted).filter(fresh.contains))
    return runs.count - before
  }

  /// Keeps some of the runs.
  package mutating func keep(_ isKept: [Bool]) { runs = zip(runs, isKept).filter(\.1).map(\.0) }

  /// The level of a run on an axis.
  package func level(_ run: GridRun, _ axis: Int) -> GridAxis.Level? {
    guard axes.indices.contains(axis), run.levels.indices.contains(axis),
      axes[axis].levels.indices.contains(run.levels[axis])
    else { return nil }
    return axes[axis].levels[run.levels[axis]]
  }

  /// All that a run trains with.
  package func configuration(of run: GridRun, base: RunConfiguration) throws -> RunConfiguration {
    var configuration = base
    for (index, axis) in axes.enumerated() {
      guard let level = level(run, index) else { continue }
      let node = try level.node
      switch axis.kind {
      case .setting(let part, let path):
        configuration[part] = try configuration[part].setting(
          path.split(separator: ".").map(String.init), to: node, makesMaps: true)
      case .sessions: configuration.data = try configuration.data.setting(["sessions"], to: node)
      case .seed: configuration.training = try configuration.training.setting(["seed"], to: node)
      case .cells:
        configuration.sessions = try configuration.sessions.map { session in
          guard let ids = node[session.key] else { return session }
          return .init(session.key, try session.value.setting(["cids"], to: ids))
        }
      }
    }
    if let names = configuration.data["sessions"]?.listValue?.compactMap(\.stringValue) {
      configuration.sessions = configuration.sessions.filter { names.contains($0.key) }
    }
    return configuration
  }

  /// The runs with their levels, a column an axis.
  package var table: Table {
    Table(
      [Column("run", runs.map { Optional($0.name) })]
        + axes.enumerated().map { index, axis in
          Column(
            axis.label == "run" ? "axis_run" : axis.label,
            collecting: runs.map { run in level(run, index).map { Self.value($0, axis) } ?? .null })
        })
  }

  private static func value(_ level: GridAxis.Level, _ axis: GridAxis) -> Value {
    guard case .setting = axis.kind else {
      return axis.kind == .seed ? Int(level.label).map { .int($0) } ?? .string(level.label) : .string(level.label)
    }
    return switch try? level.node {
    case .int(let number): .int(number)
    case .double(let number): .double(number)
    case .bool(let flag): .bool(flag)
    default: .string(level.label)
    }
  }
}

/// One training of a grid.
public struct GridRun: Codable, Sendable, Equatable {
  public var name: String
  /// Position of its level on each axis.
  public var levels: [Int]
}

/// Names that sort as the grid does and say what a run is.
enum RunName {
  /// `r007_norm_type-grn_learning_rate-0.003_seed-0`
  static func text(_ number: Int, _ digits: Int, _ axes: [GridAxis], _ levels: [Int]) -> String {
    let count = String(number)
    let parts = zip(axes, levels).map { axis, level in
      let label = axis.levels.indices.contains(level) ? axis.levels[level].label : ""
      return "\(axis.label)-\(word(label))"
    }
    let head = "r" + String(repeating: "0", count: max(0, digits - count.count)) + count
    return String(([head] + parts).joined(separator: "_").prefix(120))
  }

  /// A level as part of a file's name: letters, digits, `.`, `+` and `-`.
  private static func word(_ label: String) -> String {
    var text = ""
    for character in label {
      if character.isASCII, character.isLetter || character.isNumber || character == "." || character == "+" {
        text.append(character)
      } else if text.last != "-", !text.isEmpty {
        text.append("-")
      }
    }
    while text.last == "-" { text.removeLast() }
    return text.isEmpty ? "x" : String(text.prefix(40))
  }
}
