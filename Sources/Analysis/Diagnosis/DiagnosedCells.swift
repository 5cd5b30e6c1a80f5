import Base
import Kernels

/// What is known about the cells that are diagnosed.
package struct DiagnosedCells {
  /// All valid frames, whatever their split.
  let predictions: Predictions
  /// Rows on which scores are computed: those of the held-out trials, or all of predictions made elsewhere.
  let scoredRows: [Int]
  /// What these rows are called: `held-out`, or `scored` where it is not known whether anything was fitted to them.
  let scoredWord: String
  /// Positions of the cells among the recording's.
  package let cells: [Int]
  /// Nil where no stimulus of the recording repeats its trials.
  let responses: RepeatedResponses?
  /// By place in `cells`; nil where the stimulus gives no receptive fields.
  let fields: [FieldTable.Row]?
  let readouts: ReadoutPlaces?
  let refit: RefittedCells
  /// nil where they are not known, or with --quick.
  let training: TrainingShares?
  /// Whether everything that needs the core's features was left out.
  let isQuick: Bool
  /// Why what needs the twin is unknown, for predictions made elsewhere; nil where there is a twin.
  let lacksTwin: String?

  package init(
    predictions: Predictions, scoredRows: [Int], cells: [Int], responses: RepeatedResponses?,
    fields: [FieldTable.Row]?, readouts: ReadoutPlaces?, refit: RefittedCells, training: TrainingShares?, isQuick: Bool,
    scoredWord: String = "held-out", lacksTwin: String? = nil
  ) {
    self.predictions = predictions
    self.scoredRows = scoredRows
    self.scoredWord = scoredWord
    self.cells = cells
    self.responses = responses
    self.fields = fields
    self.readouts = readouts
    self.refit = refit
    self.training = training
    self.isQuick = isQuick
    self.lacksTwin = lacksTwin
  }

  /// Predictions that were made elsewhere: nothing is known but rates and counts.
  ///
  /// - Parameters:
  ///   - areHeldOut: whether all frames are known to be of held-out trials.
  ///   - cells: positions of the cells.
  /// - Throws: `Failure.interrupted`.
  package init(stored predictions: Predictions, label: String, areHeldOut: Bool, cells: [Int], work: Work) throws {
    let reason = "`\(label)` holds predictions: this needs the twin that made them"
    self.init(
      predictions: predictions, scoredRows: Array(predictions.frames.indices), cells: cells,
      responses: try RepeatedResponses(
        predictions, stimulus: label, cids: cells.map { predictions.cids[$0] }, work: work),
      fields: nil, readouts: nil, refit: .none(reason), training: nil, isQuick: true,
      scoredWord: areHeldOut ? "held-out" : "scored", lacksTwin: reason)
  }
}

/// Where a head's Gaussian readouts lie, by position of the cell.
package struct ReadoutPlaces {
  /// In pixels of the stimulus where they are known.
  let onStimulus: [ReadoutGeometry]
  /// In pixels of the feature map.
  let onMap: [GaussianMask]
  /// Of the feature map; nil where it is not known.
  let mapSize: (height: Int, width: Int)?
  /// Largest width that training allows, in pixels of the feature map.
  let widthLimit: Double?

  package init(
    onStimulus: [ReadoutGeometry], onMap: [GaussianMask], mapSize: (height: Int, width: Int)?, widthLimit: Double?
  ) {
    self.onStimulus = onStimulus
    self.onMap = onMap
    self.mapSize = mapSize
    self.widthLimit = widthLimit
  }
}

/// Each cell's share of the gradient on the core during training.
package struct TrainingShares {
  /// Share of the gradient that the cells send into the core, by position; nil where undefined.
  let core: [Double?]
  /// The factor of inverse-rate weights on the cell's loss.
  let weights: [Double?]

  /// - Parameter parts: of the loss on the training trials.
  package init(_ parts: LossParts) {
    core = parts.shares(.core)
    weights = parts.cells.map(\.weight)
  }
}
