import Base
import Session
import Twin

/// One thing that is wrong with a twin, or with a twin on a recording.
struct Finding: Equatable {
  enum Severity: String {
    /// It can't run, or its numbers would be wrong.
    case error
    /// It runs; somebody should know.
    case warning
  }

  var severity: Severity
  /// A part of the twin, `heads`, `recording` or `checkpoint`.
  var part: String
  /// The layer, tensor, option or head that it is about.
  var layer: String?
  var problem: String
  var shapes: String?
  var remedy: String?

  init(
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

  /// What a layer or an opened file refused.
  init(_ severity: Severity, _ failure: Failure, part: String, remedy: String? = nil) {
    let misfit = Misfit(failure)
    self.init(
      severity, misfit.part?.rawValue ?? part, misfit.place, misfit.problem,
      shapes: misfit.shapes.isEmpty ? nil : misfit.shapes.joined(separator: ", "), remedy: remedy ?? failure.hint)
  }

  /// Errors first, otherwise in the order in which they were found.
  static func table(_ findings: [Finding]) -> Table {
    let errors = findings.filter { $0.severity == .error }
    let warnings = findings.filter { $0.severity == .warning }
    let all = errors + warnings
    return Table(
      [
        Column("severity", all.map(\.severity.rawValue)), Column("part", all.map(\.part)),
        Column("layer", all.map(\.layer)), Column("problem", all.map(\.problem)), Column("shapes", all.map(\.shapes)),
        Column("remedy", all.map(\.remedy)),
      ],
      note: all.isEmpty
        ? "nothing found" : "\(count(errors.count, "error")), \(count(warnings.count, "warning"))")
  }

  private static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}
