import Base
import Formats
import Layers
import Training

/// What the terms of a model's `regularization:` ask of the Gaussian readouts of one head, as they act at the end of training.
///
/// A penalty's weight is that of training, where the loss of a session is the mean over the bins of all cells. A limit of the
/// widths is in pixels of the feature map.
package struct ReadoutPenalties: Sendable, Equatable {
  /// On the squares and on the sizes of the feature weights.
  package private(set) var l2 = 0.0
  package private(set) var l1 = 0.0
  /// On the length of all feature weights of the head together.
  package private(set) var groupLasso = 0.0
  package private(set) var largestStd: Double?

  /// Parts of a readout as a checkpoint names them.
  private static let parts = ["features.weight", "mean", "std", "theta", "bias"]

  /// - Parameter node: the list under `regularization:`; nil for none.
  /// - Throws: what reading the list throws; `unsupported` for a term that acts on these readouts in another way.
  package init(_ node: ConfigNode?, head: Int) throws {
    for term in try Regularisation(node).terms {
      let weight = term.weight(epoch: .max)
      let parts = Self.parts.filter { term.matches(GaussianReadout.prefix(head: head) + $0) }
      guard weight != 0, !parts.isEmpty else { continue }
      switch (term.type, parts) {
      case ("l2", ["features.weight"]): l2 += weight
      case ("l1", ["features.weight"]): l1 += weight
      case ("group_lasso", ["features.weight"]): groupLasso += weight
      case ("proximal_clamp_positive", ["std"]): largestStd = min(largestStd ?? .infinity, weight)
      default:
        throw Failure(
          .unsupported,
          "regularization: `\(term.name)` (\(term.type)) acts on \(parts.joined(separator: ", ")) of the readouts, which a refit to convergence cannot do",
          hint:
            "refit knows l1, l2 and group_lasso on readouts/features and proximal_clamp_positive on readouts/std; give penalties by flag, or use `train`"
        )
      }
    }
  }
}
