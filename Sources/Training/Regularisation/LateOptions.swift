import Base
import Formats
import Twin

/// Options that no layer reads when a twin is built, and that would fail, or be passed over, only later.
package enum LateOptions {
  /// Keys of an entry of `regularization`.
  private static let keysOfEntry = ["name", "type", "lambda", "apply_to", "schedule", "scheduler"]

  /// - Parameter path: dotted, in a model's configuration.
  /// - Throws: `format` naming the option.
  package static func check(_ path: String, _ value: ConfigNode) throws {
    guard !value.isNull else { return }
    let parts = path.split(separator: ".").map(String.init)
    switch parts.first {
    case "sampling_rate": try checkPositive(path, value)
    case "readout" where parts.last == "initial_std": try checkPositive(path, value)
    case "regularization":
      guard parts.count > 2, !keysOfEntry.contains(parts[2]) else { return }
      throw Failure(
        .format, "\(path): an entry has no `\(parts[2].shortened)`",
        hint: Suggestion.hint(for: parts[2], among: keysOfEntry) ?? "it has \(keysOfEntry.joined(separator: ", "))")
    default: break
    }
  }

  private static func checkPositive(_ path: String, _ value: ConfigNode) throws {
    guard let number = value.doubleValue, number.isFinite, number > 0 else {
      throw Failure(.format, "\(path): a number above 0 is needed")
    }
  }
}
