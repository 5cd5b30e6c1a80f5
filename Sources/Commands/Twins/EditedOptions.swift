import Base
import Formats
import Session
import Training
import Twin

/// Options that no layer reads when a twin is built, and that would fail, or be passed over, only later.
enum EditedOptions {
  /// Keys of an entry of `regularization`.
  private static let keysOfEntry = ["name", "type", "lambda", "apply_to", "schedule", "scheduler"]

  /// - Throws: `format` or `unsupported` naming the option.
  static func check(_ edits: [String], _ edited: TwinArchitecture) throws {
    for text in edits {
      let edit = try ConfigurationEdit(text)
      let parts = edit.path.split(separator: ".").map(String.init)
      switch parts.first {
      case "sampling_rate": try checkPositive(edit)
      case "readout" where parts.last == "initial_std": try checkPositive(edit)
      case "regularization":
        if parts.count > 2, !keysOfEntry.contains(parts[2]), !edit.value.isNull {
          throw Failure(
            .format, "\(edit.path): an entry has no `\(parts[2].shortened)`",
            hint: Suggestion.hint(for: parts[2], among: keysOfEntry) ?? "it has \(keysOfEntry.joined(separator: ", "))")
        }
        _ = try Regularisation(edited.configuration["regularization"])
      default: break
      }
    }
  }

  /// Refuses a twin that a recording of its own sessions can't be shown to any more.
  ///
  /// - Throws: `mismatch` naming the layer, or the mask, and the recording.
  static func check(_ edited: TwinArchitecture, of twin: LoadedTwin, in session: Session) throws {
    guard let input = try InputSize.recorded(for: twin, session: session),
      case .recording(let label) = input.origin, (try? twin.architecture.tree(input: input.sizes)) != nil
    else { return }
    let hint = "choose a smaller number; options that belong together stand in one --set"
    let frames = input.sizes[1]
    if edited.lagMask >= frames {
      throw Failure(
        .mismatch,
        "frontend.params.lag_mask: \(edited.lagMask) leaves none of the window's \(frames) frames of \(label)",
        hint: hint)
    }
    do {
      _ = try edited.tree(input: input.sizes)
    } catch let failure as Failure where failure.kind == .mismatch {
      throw Failure(
        .mismatch, "with windows of \(label), \(input.text): \(failure.message)", hint: failure.hint ?? hint)
    }
  }

  private static func checkPositive(_ edit: ConfigurationEdit) throws {
    guard !edit.value.isNull else { return }
    guard let number = edit.value.doubleValue, number.isFinite, number > 0 else {
      throw Failure(.format, "\(edit.path): a number above 0 is needed")
    }
  }
}
