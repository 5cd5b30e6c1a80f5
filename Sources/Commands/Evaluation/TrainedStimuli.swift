import Base
import Language
import Session

extension Signature {
  /// The flag that lists what a twin was trained on.
  func trained() -> Signature {
    flag(
      "trained", .string,
      "Stimuli that the twin was trained on, separated by commas, if its configuration does not list them")
  }
}

extension Session {
  /// The stimuli of a recording that a twin was trained on: those of `--trained`, otherwise those in its configuration; nil
  /// where neither lists them.
  func trainedStimuli(
    _ call: Call, _ twin: LoadedTwin, among names: [String]
  ) throws -> Set<String>? {
    if let text = try call.optionalString("trained") {
      let given = text.split(separator: ",").map(String.init)
      if let unknown = given.first(where: { !names.contains($0) }) {
        throw Failure(
          .missing, "the recording has no stimulus `\(unknown)`",
          hint: Suggestion.hint(for: unknown, among: names) ?? "it has \(names.joined(separator: ", "))",
          span: call.span(of: "trained"))
      }
      return Set(given)
    }
    return try trainedStimuli(of: twin.payload).map { Set($0).intersection(names) }
  }
}
