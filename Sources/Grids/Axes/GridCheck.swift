import Base
import Formats

/// Checks the configurations of a grid's runs with what will read them.
package struct GridCheck {
  private let base: RunConfiguration
  private let readers: ConfigurationReaders
  /// What has to be known, a line each.
  package private(set) var remarks: [String] = []

  package init(_ base: RunConfiguration, readers: ConfigurationReaders) {
    (self.base, self.readers) = (base, readers)
  }

  /// - Throws: a usage failure naming the option that is refused, by its path; with the run where the option is no axis.
  package mutating func check(_ grid: Grid, cancellation: Cancellation? = nil) throws {
    for part in [RunConfiguration.Part.model, .data] { try check(grid, part, cancellation) }
    // Where the base itself does not fit together, its runs are not to blame.
    guard (try? readers.both(base.model, base.data)) != nil else { return }
    try forEachRun(of: grid, in: [.model, .data], cancellation) { try readers.both($0.model, $0.data) }
  }

  private mutating func check(_ grid: Grid, _ part: RunConfiguration.Part, _ cancellation: Cancellation?) throws {
    let paths = Self.axes(of: grid, in: [part]).map { grid.axes[$0].path }
    guard !paths.isEmpty else { return }
    do {
      try readers.read(base[part], part)
    } catch let failure as Failure {
      remarks.append(
        "\(part.title) holds what vcsh does not read (\(failure.message)): values of \(paths.joined(separator: ", ")) are checked for their kind alone"
      )
      return
    }
    try forEachRun(of: grid, in: [part], cancellation) { try readers.read($0[part], part) }
  }

  private static func axes(of grid: Grid, in parts: [RunConfiguration.Part]) -> [Int] {
    grid.axes.indices.filter { index in
      if case .setting(let part, _) = grid.axes[index].kind { parts.contains(part) } else { false }
    }
  }

  /// Checks every combination of levels in some of the files once.
  private func forEachRun(
    of grid: Grid, in parts: [RunConfiguration.Part], _ cancellation: Cancellation?,
    _ check: (RunConfiguration) throws -> Void
  ) throws {
    let axes = Self.axes(of: grid, in: parts)
    guard !axes.isEmpty else { return }
    let paths = axes.map { grid.axes[$0].path }
    var seen: Set<[Int]> = []
    for run in grid.runs {
      let levels = axes.map { run.levels.indices.contains($0) ? run.levels[$0] : 0 }
      guard seen.insert(levels).inserted else { continue }
      try cancellation?.check()
      let configuration = try grid.configuration(of: run, base: base)
      do {
        try check(configuration)
      } catch let failure as Failure {
        let isNamed = paths.contains { failure.message.contains($0) }
        let title = parts.map(\.title).joined(separator: " or ")
        throw Failure(
          .usage, failure.message + (isNamed ? "" : " (the run \(run.name))"),
          hint: failure.hint
            ?? (failure.message.contains("unknown option")
              ? "where VisionCore knows it, write it into \(title) first"
              : "change the value, or leave such runs out with --where"))
      }
    }
  }
}
