import Base
import Formats
import Session
import Training
import Twin

/// What `edit` refuses besides what the layers refuse when a twin is built.
enum EditedOptions {
  /// - Throws: as `LateOptions` and `Regularisation`, naming the option.
  static func check(_ edits: [String], _ edited: TwinArchitecture) throws {
    for text in edits {
      let edit = try ConfigurationEdit(text)
      try LateOptions.check(edit.path, edit.value)
      if edit.path.hasPrefix("regularization") { _ = try Regularisation(edited.configuration["regularization"]) }
    }
  }

  /// Refuses a twin that a recording of its own sessions can't be shown to any more; where none is open, a lag mask over all lags
  /// that the twin's YAML lists.
  ///
  /// - Throws: `mismatch` naming the layer, or the mask, and the recording or the YAML.
  static func check(_ edited: TwinArchitecture, of twin: LoadedTwin, in session: Session) throws {
    guard let input = try InputSize.recorded(for: twin, session: session), case .recording(let label) = input.origin
    else {
      if let known = session.trainedLags(of: twin.payload), edited.lagMask > 0, edited.lagMask >= known.lags.count {
        throw Failure(
          .mismatch,
          "frontend.params.lag_mask: \(edited.lagMask) leaves none of the window's \(known.lags.count) frames (keys_lags.stim of \(known.file))",
          hint: "choose a smaller number")
      }
      return
    }
    guard (try? twin.architecture.tree(input: input.sizes)) != nil else { return }
    do {
      try edited.check(window: input.sizes, of: label)
    } catch let failure as Failure where failure.hint == nil {
      throw Failure(
        failure.kind, failure.message, hint: "choose a smaller number; options that belong together stand in one --set")
    }
  }
}
