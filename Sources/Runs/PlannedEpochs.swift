import Base
import Formats
import RunLogs

/// How many epochs a training was meant to have, as its settings tell.
public enum PlannedEpochs {
  /// As VisionCore, Lightning and others spell it; the first one that a run has counts.
  private static let names = ["max_epochs", "num_epochs", "n_epochs", "epochs"]
  /// Under these, settings are those of the training, not of a scheduler or of another training before it.
  private static let sections: Set<Substring> = [
    "trainer", "training", "train", "trainer_params", "fit", "args", "config", "hparams", "params", "parameters",
  ]
  /// So many stand for "without a limit": VisionCore's script gives 9999 where a time budget ends the training.
  private static let unlimited = 9999

  /// - Returns: nil where nothing tells, or where the training has no limit.
  public static func of(_ run: RunSummary) -> Int? {
    of(run.parameters.lazy.map { (name: $0.name, text: $0.text) })
  }

  /// The same for the settings that a checkpoint holds.
  static func of(_ settings: [ConfigNode.Entry]) -> Int? {
    of(settings.lazy.map { (name: $0.key, text: RunParameterText.text($0.value)) })
  }

  private static func of(_ settings: some Sequence<(name: String, text: String)>) -> Int? {
    var found: (rank: Int, epochs: Int)?
    for (name, text) in settings {
      let parts = name.split { $0 == "." || $0 == "/" }
      guard let last = parts.last, let rank = names.firstIndex(of: String(last)), rank < found?.rank ?? names.count,
        parts.dropLast().allSatisfy(sections.contains),
        let epochs = RunParameterText.value(text).number.flatMap({ Int(exactly: $0) }), (1..<unlimited).contains(epochs)
      else { continue }
      found = (rank, epochs)
    }
    return found?.epochs
  }

  /// A setting that may end a training before its last epoch: early stopping, a limit of steps or of time.
  ///
  /// - Returns: its name; nil where the run has none that is on.
  static func otherEnd(_ run: RunSummary) -> String? {
    run.parameters.first { parameter in
      let name = parameter.name.split { $0 == "." || $0 == "/" }.last.map(String.init) ?? ""
      let isEnd =
        ByteSearch.isFound("early_stop", in: name) || name == "patience" || name == "max_steps" || name == "max_time"
        || name.hasPrefix("time_budget")
      return isEnd && isOn(parameter.value)
    }?.name
  }

  /// Lightning writes -1, and others 0, for a limit that there is not.
  private static func isOn(_ value: Value) -> Bool {
    switch value {
    case .null, .bool(false): false
    case let value: value.number.map { $0 > 0 } ?? true
    }
  }
}
