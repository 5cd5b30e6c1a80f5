import Base
import Language
import Training

/// What the commands that train an edited twin beside a control have in common.
extension Signature {
  /// The twin, what it is trained on, and what is edited.
  func experimentArms() -> Signature {
    self
      .argument("twin", .object(kinds: ["twin"]), "The twin that both start from; its frozen parts stay as they are")
      .argument(
        "stimulus", .stimulus, "What to train on: stimuli of one recording or of several", keyword: "on",
        repeating: true
      )
      .argument(
        "set", .string, "Options of the edited twin, as in `edit`", keyword: "set", optional: true, repeating: true
      )
      .argument(
        "kernels", .string, "Changes of the edited twin's kernels, as in `edit`", keyword: "kernels", optional: true,
        repeating: true
      )
      .flag("penalty", .string, "Penalties of the edited arm, NAME=WEIGHT with commas between them; see `penalties`")
      .flag("zero-sum-kernels", "In the edited arm, keep the sum over every kernel of the frontend at 0")
      .flag(
        "rate-weight", .float, default: .double(0),
        "In the edited arm, weigh cells by their mean rate to the power of minus this"
      )
      .flag(
        "corr", .float, default: .double(0),
        "In the edited arm, add this times (1 - correlation over the batch) to the loss"
      )
  }

  /// How both arms are trained.
  ///
  /// - Parameter seeds: how many orders of batches by default.
  func experimentTraining(seeds: Int) -> Signature {
    self
      .flag(
        "minutes", .float, default: .double(5), unit: "min", "Time for everything; the number of steps follows from it"
      )
      .flag("steps", .int, "Steps of each arm, in place of a time")
      .flag("seeds", .int, default: .int(seeds), "Orders of batches; each trains all arms once more")
      .flag(
        "sampler", .choice(SampledBatches.Composition.allCases.map(\.rawValue)),
        default: .string(SampledBatches.Composition.mixed.rawValue),
        "How a batch is put together: frames of one session, or of all in proportion to their sizes"
      )
      .flag("batch-size", .int, default: .int(32), "Frames of a batch")
      .flag("lr", .float, default: .double(1e-3), "Learning rate of both arms")
      .flag(
        "core-lr-scale", .float, default: .double(1), "Factor on the learning rate of frontend, convnet and modulator"
      )
      .flag("weight-decay", .float, default: .double(1e-5), "Decoupled weight decay of weights with several axes")
      .flag("clip", .float, default: .double(1), "Largest norm of the gradient")
      .flag("seed", .int, default: .int(1002), "First seed of the order of batches and of dropout")
  }
}
