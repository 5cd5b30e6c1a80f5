import Base
import Language
import Session

extension Signature {
  /// What a twin was trained on.
  func trained() -> Signature {
    flag(
      "trained", .string,
      "Stimuli that the twin was trained on, separated by commas, if its configuration does not list them")
  }
}

extension Session {
  /// Those of a recording's stimuli that a twin was trained on: `--trained`, else what its configuration says; nil where
  /// neither does.
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
