import Base

/// One problem of a twin, or of a twin on a recording.
package struct Finding: Equatable, Sendable {
  package enum Severity: String, Sendable {
    /// The twin can't run, or its numbers would be wrong.
    case error
    /// The twin runs, but the user should know.
    case warning
  }

  package var severity: Severity
  /// A part of the twin, `heads`, `recording` or `checkpoint`.
  package var part: String
  /// The layer, tensor, option, head or stimulus with the problem.
  package var layer: String?
  package var problem: String
  package var shapes: String?
  package var remedy: String?

  package init(
    _ severity: Severity, _ part: String, _ layer: String? = nil, _ problem: String, shapes: String? = nil,
    remedy: String? = nil
  ) {
    self.severity = severity
    self.part = part
    self.layer = layer
    self.problem = problem
    self.shapes = shapes
    self.remedy = remedy
  }

  /// A failure of a layer or of an opened file.
  package init(_ severity: Severity, _ failure: Failure, part: String, remedy: String? = nil) {
    let misfit = Misfit(failure)
    self.init(
      severity, misfit.part?.rawValue ?? part, misfit.place, misfit.problem,
      shapes: misfit.shapes.isEmpty ? nil : misfit.shapes.joined(separator: ", "), remedy: remedy ?? failure.hint)
  }
}

extension Finding {
  package static let columns = TableShape<Finding>([
    .string("severity", "error: the twin can't run, or its numbers would be wrong; warning: it runs") {
      $0.severity.rawValue
    },
    .string("part", "Part of the twin, or `heads`, `recording` or `checkpoint`; or the run") { $0.part },
    .string("layer", "Layer, tensor, option, head or stimulus with the problem; or the fault of a run") { $0.layer },
    .string("problem", "What is wrong") { $0.problem },
    .string("shapes", "Sizes at the layer: channel x time x height x width") { $0.shapes },
    .string("remedy", "What to do about it") { $0.remedy },
  ])

  /// Errors first, otherwise in the order in which they were found.
  package static func table(_ findings: [Finding]) -> Table {
    let errors = findings.filter { $0.severity == .error }
    let warnings = findings.filter { $0.severity == .warning }
    let note = "\(count(errors.count, "error")), \(count(warnings.count, "warning"))"
    return columns.table(errors + warnings, note: findings.isEmpty ? "nothing found" : note)
  }

  private static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}
