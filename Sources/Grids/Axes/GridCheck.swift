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
  }

  private mutating func check(_ grid: Grid, _ part: RunConfiguration.Part, _ cancellation: Cancellation?) throws {
    let axes = grid.axes.indices.filter { index in
      if case .setting(part, _) = grid.axes[index].kind { true } else { false }
    }
    guard !axes.isEmpty else { return }
    let paths = axes.map { grid.axes[$0].path }
    do {
      try readers.read(base[part], part)
    } catch let failure as Failure {
      remarks.append(
        "\(part.title) holds what vcsh does not read (\(failure.message)): values of \(paths.joined(separator: ", ")) are checked for their kind alone"
      )
      return
    }
    var seen: Set<[Int]> = []
    for run in grid.runs {
      let levels = axes.map { run.levels.indices.contains($0) ? run.levels[$0] : 0 }
      guard seen.insert(levels).inserted else { continue }
      try cancellation?.check()
      let node = try grid.configuration(of: run, base: base)[part]
      do {
        try readers.read(node, part)
      } catch let failure as Failure {
        let isNamed = paths.contains { failure.message.contains($0) }
        throw Failure(
          .usage, failure.message + (isNamed ? "" : " (the run \(run.name))"),
          hint: failure.hint
            ?? (failure.message.contains("unknown option")
              ? "where VisionCore knows it, write it into \(part.title) first"
              : "change the value, or leave such runs out with --where"))
      }
    }
  }
}
